"""Every single change of a module's source: what `tools/mutate.py` runs the tests against."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
REACHED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Every single change of one node: comparison, arithmetic, and/or, not, number, condition."""
    changed = copy.deepcopy(node)
    if isinstance(changed, ast.Compare) and type(changed.ops[0]) in COMPARED:
        changed.ops[0] = COMPARED[type(changed.ops[0])]()
        yield changed
    elif isinstance(changed, ast.BinOp | ast.AugAssign) and type(changed.op) in REACHED:
        changed.op = REACHED[type(changed.op)]()
        yield changed
    elif isinstance(changed, ast.BoolOp):
        changed.op = ast.Or() if isinstance(changed.op, ast.And) else ast.And()
        yield changed
    elif isinstance(changed, ast.UnaryOp) and isinstance(changed.op, ast.Not | ast.USub):
        yield changed.operand
    elif isinstance(changed, ast.Constant) and type(changed.value) is int:
        changed.value += 1
        yield changed
    elif isinstance(changed, ast.Constant) and type(changed.value) is bool:
        changed.value = not changed.value
        yield changed
    elif isinstance(changed, ast.IfExp):
        changed.body, changed.orelse = changed.orelse, changed.body
        yield changed


class Replace(ast.NodeTransformer):
    """Puts one node in the place of the n-th in walking order."""

    def __init__(self, position: int, new: ast.AST) -> None:
        self.left, self.new = position, new

    def visit(self, node: ast.AST) -> ast.AST:
        self.left -= 1
        return self.new if self.left == -1 else self.generic_visit(node)


def nodes(tree: ast.AST) -> list[ast.AST]:
    """All nodes, in the order in which `Replace` meets them."""
    met: list[ast.AST] = []

    class Meet(ast.NodeVisitor):
        def visit(self, node: ast.AST) -> None:
            met.append(node)
            self.generic_visit(node)

    Meet().visit(tree)
    return met


class Mutant(NamedTuple):
    """One change: where, what was there, what is there instead, and the whole changed source."""

    line: int
    was: str
    now: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module; annotations, and whether a dataclass is frozen or has slots, are left alone."""
    tree = ast.parse(source)
    quiet: set[int] = set()
    for node in nodes(tree):
        if isinstance(node, ast.ClassDef):
            quiet |= {id(part) for decorator in node.decorator_list for part in ast.walk(decorator)}
        for name in ("annotation", "returns"):
            if (hint := getattr(node, name, None)) is not None:
                quiet |= {id(part) for part in ast.walk(hint)}
    for position, node in enumerate(nodes(tree)):
        if id(node) in quiet:
            continue
        for new in changes(node):
            changed = ast.fix_missing_locations(Replace(position, new).visit(copy.deepcopy(tree)))
            yield Mutant(
                getattr(node, "lineno", 0), ast.unparse(node), ast.unparse(new), ast.unparse(changed)
            )
