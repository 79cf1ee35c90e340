#!/usr/bin/env python3
"""Mutation testing of the modules where a wrong sign costs money: change one thing, and see whether a test notices.

`tools/mutate.py` runs every mutant of every pair in `SUBJECTS`; `tools/mutate.py pmo/money.py` runs one module.
Works on a copy of the tree; a mutant that lives is printed with its line. Exit code 1 when fewer than 95 % of a
module's mutants are killed.
"""

from __future__ import annotations

import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = 0.95  # fraction killed
# Module -> the tests that must notice. Pure modules only: each mutant is one test run without a database.
SUBJECTS = {
    "pmo/money.py": ["tests/pmo/test_money.py"],
    "finance/engine/measures.py": ["tests/finance/engine"],
    "finance/engine/phasing.py": ["tests/finance/engine"],
    "programs/engine/worktime.py": ["tests/programs/engine/test_worktime.py"],
    "governance/decisions/tally.py": ["tests/governance/test_tally.py"],
}
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


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """(line, what was there, the whole changed source), annotations left alone."""
    tree = ast.parse(source)
    quiet: set[int] = set()
    for node in nodes(tree):
        for name in ("annotation", "returns"):
            if (hint := getattr(node, name, None)) is not None:
                quiet |= {id(part) for part in ast.walk(hint)}
    for position, node in enumerate(nodes(tree)):
        if id(node) in quiet:
            continue
        for new in changes(node):
            changed = Replace(position, new).visit(copy.deepcopy(tree))
            yield (
                getattr(node, "lineno", 0),
                ast.unparse(node),
                ast.unparse(ast.fix_missing_locations(changed)),
            )


def survivors(module: str, tests: list[str], copied: Path) -> tuple[int, list[str]]:
    """How many mutants there were, and those that no test noticed (a hang of a minute counts as noticed)."""
    path = copied / module
    source = path.read_text()
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    quiet = {"cwd": copied, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment()}
    if subprocess.run(command, timeout=300, **quiet).returncode:  # type: ignore[call-overload]
        sys.exit(f"{module}: its tests are red before anything was changed")
    total, alive = 0, []
    try:
        for line, was, changed in mutants(source):
            total += 1
            path.write_text(changed)
            try:
                code = subprocess.run(command, timeout=60, **quiet).returncode  # type: ignore[call-overload]
            except subprocess.TimeoutExpired:
                code = 1
            if code == 0:
                alive.append(f"  {module}:{line}: {was}")
    finally:
        path.write_text(source)
    return total, alive


def environment() -> dict[str, str]:
    """No byte code of an earlier mutant, and hypothesis the same for each."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PMO_MUTATION": "1"}


def main() -> int:
    """Run what was asked for, print a line for each module, and what survived."""
    wanted = sys.argv[1:] or list(SUBJECTS)
    red = False
    with tempfile.TemporaryDirectory(prefix="pmo-mutants-") as place:
        copied = Path(place, "tree")
        left_out = shutil.ignore_patterns(".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, copied, ignore=left_out)
        for module in wanted:
            if not (copied / module).exists():
                sys.exit(f"no such module: {module}")
            total, alive = survivors(module, SUBJECTS[module], copied)
            killed = total - len(alive)
            print(
                f"{module}: {killed} of {total} killed ({100 * killed / max(total, 1):.1f} %)",
                *alive,
                sep="\n",
            )
            red = red or killed < NEEDED * total
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
