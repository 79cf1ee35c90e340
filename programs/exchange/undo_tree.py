"""The tree of groups as it would be after an undo: what cannot go back to where it lay, and what remains a group."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from programs.schedule.models import Activity

from .effects import Image

Tree = dict[int, tuple[int | None, str]]
"""Parent and kind of every activity of a program, by id."""
ITSELF = "It would lie under itself: it stays where it is"
NO_GROUP = "What it lay under is no group any more: it stays where it is"
HOLDS = "Other work lies under it: it stays a group"


def tree_of(program_id: int) -> Tree:
    """The tree as it is now. One query."""
    found = (
        Activity.objects.filter(program_id=program_id).order_by("pk").values_list("pk", "parent_id", "kind")
    )
    return {pk: (parent, kind) for pk, parent, kind in found}


def stay_where_they_are(tree: Tree, back: Mapping[int, Image]) -> dict[int, str]:
    """Activities whose former parent may not be put back, with the reason. Linear in activities for each circle.

    `back` has the former values of changed activities by id; all of them are in the tree.
    """
    after = _parents(tree, back)
    stay: dict[int, str] = {}
    for pk, image in back.items():
        parent = image.get("parent_id")
        if parent is not None and (
            parent not in tree or back.get(parent, {}).get("kind", tree[parent][1]) != Activity.Kind.SUMMARY
        ):
            stay[pk], after[pk] = NO_GROUP, tree[pk][0]
    while circle := _circle(after, back):
        # As the tree is now it has no circle: one of those on it was to be put back.
        for pk in circle:
            if "parent_id" in back.get(pk, {}) and pk not in stay:
                stay[pk], after[pk] = ITSELF, tree[pk][0]
    return stay


def remain_groups(tree: Tree, back: Mapping[int, Image], gone: Collection[int]) -> list[int]:
    """Groups that would become something else although an activity that does not go (`gone`) lies under them."""
    held = {parent for pk, parent in _parents(tree, back).items() if pk not in gone}
    return [
        pk
        for pk, image in back.items()
        if tree[pk][1] == Activity.Kind.SUMMARY
        and image.get("kind", Activity.Kind.SUMMARY) != Activity.Kind.SUMMARY
        and pk in held
    ]


def depths(tree: Tree, back: Mapping[int, Image]) -> dict[int, int]:
    """The level that each activity whose level was to be put back has in the tree after the undo; 0 at the top."""
    after = _parents(tree, back)
    found: dict[int, int] = {}
    for pk, image in back.items():
        if "level" in image:
            above, depth = after[pk], 0
            while above is not None and depth <= len(after):
                above, depth = after[above], depth + 1
            if above is None:
                found[pk] = depth
    return found


def _parents(tree: Tree, back: Mapping[int, Image]) -> dict[int, int | None]:
    return {pk: back.get(pk, {}).get("parent_id", parent) for pk, (parent, _) in tree.items()}


def _circle(after: Mapping[int, int | None], back: Mapping[int, Image]) -> list[int]:
    """Activities that lie under each other in a circle; none of them where there is no circle."""
    cleared: set[int] = set()
    for start in back:
        walked: dict[int, int] = {}
        here: int | None = start
        while here is not None and here not in cleared:
            if here in walked:
                circle = list(walked)[walked[here] :]
                # A circle that nobody puts back was there before: it is not for the undo to resolve.
                if any(after[pk] == back.get(pk, {}).get("parent_id", 0) for pk in circle):
                    return circle
                break
            walked[here] = len(walked)
            here = after[here]
        cleared.update(walked)
    return []
