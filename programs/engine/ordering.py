"""An order of activities kept while links are added: only the stretch between a new link's ends is put in order again.

The method of D. J. Pearce and P. H. J. Kelly, "A dynamic topological sort algorithm for directed acyclic graphs",
ACM Journal of Experimental Algorithmics 11 (2006): what lies behind the new link's successor and what lies in front
of its predecessor, both within that stretch, share the places that they had, the latter first.
"""

from __future__ import annotations

from collections.abc import Sequence

from programs.engine.network import CycleFound


def admit(
    order: list[int],
    place: list[int],
    out_of: Sequence[Sequence[int]],
    into: Sequence[Sequence[int]],
    predecessor: Sequence[int],
    successor: Sequence[int],
    link: int,
) -> None:
    """Change `order` and `place` (its inverse) so that one more link leads onwards.

    `out_of` and `into` hold per activity the numbers of the links known already, all of which lead onwards; places
    from `len(order)` on are those of activities that are not in the order. Raises `CycleFound` with the path, and
    leaves the order as it was. Costs what lies in between.
    """
    first, last = predecessor[link], successor[link]
    if first == last:
        raise CycleFound([first, first])
    low, high = place[last], place[first]
    if high < low:
        return
    came_from = {last: -1}
    waiting = [last]
    for i in waiting:  # grows while it is read
        for k in out_of[i]:
            j = successor[k]
            if j == first:
                path = [i]
                while path[-1] != last:
                    path.append(came_from[path[-1]])
                raise CycleFound([first, *reversed(path), first])
            if place[j] < high and j not in came_from:
                came_from[j] = i
                waiting.append(j)
    before = {first}
    ahead = [first]
    for i in ahead:
        for k in into[i]:
            j = predecessor[k]
            if place[j] > low and place[j] < len(order) and j not in before:
                before.add(j)
                ahead.append(j)
    moved = sorted(ahead, key=place.__getitem__) + sorted(waiting, key=place.__getitem__)
    for at, i in zip(sorted([place[i] for i in moved]), moved, strict=True):
        order[at] = i
        place[i] = at
