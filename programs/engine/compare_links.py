"""What two plans have different in their links and constraints: added, removed, another type, another lag. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Id = TypeVar("Id", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Tie:
    """How two activities are linked: FS, SS, FF or SF; lag in minutes of its unit, or percent."""

    kind: str
    lag: int
    unit: str


@dataclass(frozen=True, slots=True)
class LinkDifference(Generic[Id]):
    """A link that differs; `before` is None where it was added, `after` where it was removed."""

    predecessor: Id
    successor: Id
    before: Tie | None
    after: Tie | None

    @property
    def what(self) -> str:
        """added, removed, type (its kind changed, whatever its lag) or lag."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "lag" if self.before.kind == self.after.kind else "type"


Ends = tuple[Id, Id]


def compare_links(
    before: Iterable[tuple[Id, Id, Tie]], after: Iterable[tuple[Id, Id, Tie]]
) -> list[LinkDifference[Id]]:
    """The links that differ, in the order of the first plan, then of the second.

    Two activities may be linked in several ways at once. Links of the same kind are held against each other; of those
    left over, one that went and one that came between the same two activities are one link whose type changed, paired
    in the order of their kinds.
    """
    sides: list[dict[Ends[Id], dict[str, Tie]]] = []
    for links in (before, after):
        side: dict[Ends[Id], dict[str, Tie]] = defaultdict(dict)
        for one, other, tie in links:
            side[one, other][tie.kind] = tie
        sides.append(side)
    found: list[LinkDifference[Id]] = []
    for ends in dict.fromkeys([*sides[0], *sides[1]]):
        then, now = sides[0].get(ends, {}), sides[1].get(ends, {})
        found += [
            LinkDifference(*ends, then[kind], now[kind])
            for kind in then
            if kind in now and then[kind] != now[kind]
        ]
        gone = [then[kind] for kind in sorted(set(then) - set(now))]
        new = [now[kind] for kind in sorted(set(now) - set(then))]
        for n in range(max(len(gone), len(new))):
            found.append(
                LinkDifference(*ends, gone[n] if n < len(gone) else None, new[n] if n < len(new) else None)
            )
    return found


Wish = tuple[str, int | None]
"""A constraint and its date as a wall minute; None without one."""


def compare_wishes(before: Mapping[Id, Wish], after: Mapping[Id, Wish]) -> list[tuple[Id, Wish, Wish]]:
    """Activities of both plans whose constraint, or its date, is another: id, before, after, in the first's order."""
    return [(pk, wish, after[pk]) for pk, wish in before.items() if pk in after and after[pk] != wish]


def compare_paths(before: Mapping[Id, bool], after: Mapping[Id, bool]) -> tuple[list[Id], list[Id]]:
    """Activities of both plans that became critical, and those that no longer are."""
    both = [pk for pk in before if pk in after]
    return (
        [pk for pk in both if after[pk] and not before[pk]],
        [pk for pk in both if before[pk] and not after[pk]],
    )
