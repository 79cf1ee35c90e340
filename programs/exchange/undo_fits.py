"""What would come back and does not fit the plan as it would be: links that close a circle, work given to a group."""

from __future__ import annotations

from collections.abc import Iterator

from programs.schedule.models import Activity, Dependency

from . import rows, undo_tree
from .effects import Image
from .undo_found import Undoing

CIRCLE = "Its two ends would wait for each other by now: it does not come back"
OWN_WORK = "It would join a group to its own work by now: it does not come back"
GROUP = "It is a group by now: it does not come back"


def leave_out(undoing: Undoing, tree: undo_tree.Tree) -> None:
    """Take out of what comes back what does not fit, and say why. `tree`: as it is now; empty where not read yet.

    No query where neither links nor assignments come back, else at most two.
    """
    links, given = undoing.bring.get(rows.DEPENDENCY, {}), undoing.bring.get(rows.ASSIGNMENT, {})
    if not links and not given:
        return
    after = _after(undoing, tree)
    for pk, image in list(given.items()):
        if after[image["activity_id"]][1] == Activity.Kind.SUMMARY:
            _lose(undoing, rows.ASSIGNMENT, pk, GROUP)
    if not links:
        return
    plan = _Order(after)
    going = set(undoing.take.get(rows.DEPENDENCY, ()))
    for pk, before, then in Dependency.objects.filter(program_id=undoing.program.pk).values_list(
        "pk", "predecessor_id", "successor_id"
    ):
        if pk not in going:
            plan.link(before, then)
    for pk, image in list(links.items()):
        before, then = image["predecessor_id"], image["successor_id"]
        if before in plan.above(then) or then in plan.above(before):
            _lose(undoing, rows.DEPENDENCY, pk, OWN_WORK)
        elif plan.waits(before, then):
            _lose(undoing, rows.DEPENDENCY, pk, CIRCLE)
        else:
            plan.link(before, then)


def _after(undoing: Undoing, tree: undo_tree.Tree) -> undo_tree.Tree:
    back = undoing.restore.get(rows.ACTIVITY, {})
    coming = undoing.bring.get(rows.ACTIVITY, {})
    now = tree or undo_tree.tree_of(undoing.program.pk) | {
        pk: (image["parent_id"], image["kind"]) for pk, image in coming.items()
    }
    gone = set(undoing.take.get(rows.ACTIVITY, ()))
    return {
        pk: (back.get(pk, {}).get("parent_id", parent), back.get(pk, {}).get("kind", kind))
        for pk, (parent, kind) in now.items()
        if pk not in gone
    }


def _lose(undoing: Undoing, kind: str, pk: int, why: str) -> None:
    image: Image = undoing.bring[kind].pop(pk)
    undoing.lost[kind, pk] = (image, why)
    if not undoing.bring[kind]:
        del undoing.bring[kind]


class _Order:
    """What waits for what: a group begins before, and ends after, what is in it. A level of effort holds nothing."""

    def __init__(self, tree: undo_tree.Tree) -> None:
        self.tree = tree
        self.inside: dict[int, list[int]] = {}
        for pk, (parent, _) in tree.items():
            if parent is not None:
                self.inside.setdefault(parent, []).append(pk)
        self.links: dict[int, list[int]] = {}

    def link(self, before: int, then: int) -> None:
        if before in self.tree and then in self.tree and not self._idle(before) and not self._idle(then):
            self.links.setdefault(before, []).append(then)

    def above(self, pk: int) -> list[int]:
        """The groups it lies in."""
        found: list[int] = []
        parent = self.tree[pk][0] if pk in self.tree else None
        while parent is not None and parent in self.tree and parent not in found:
            found.append(parent)
            parent = self.tree[parent][0]
        return found

    def waits(self, before: int, then: int) -> bool:
        """Would a link between these close a circle: does the end of `before` wait for the beginning of `then`?"""
        if self._idle(before) or self._idle(then):
            return False
        todo, seen = [(then, False)], {(then, False)}
        while todo:
            one = todo.pop()
            if one == (before, True):
                return True
            for following in self._following(*one):
                if following not in seen:
                    seen.add(following)
                    todo.append(following)
        return False

    def _following(self, pk: int, ended: bool) -> Iterator[tuple[int, bool]]:
        """What cannot be before the beginning, or the end, of an activity."""
        if not ended:
            yield pk, True
            for one in self.inside.get(pk, ()):
                yield one, False
            return
        for one in self.links.get(pk, ()):
            yield one, False
        parent = self.tree[pk][0]
        if parent is not None and parent in self.tree:
            yield parent, True

    def _idle(self, pk: int) -> bool:
        return pk in self.tree and self.tree[pk][1] == Activity.Kind.LEVEL_OF_EFFORT
