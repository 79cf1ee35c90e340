"""Better schedules by search: a genetic algorithm on activity lists, every child justified.

Activity lists and two-point crossover: S. Hartmann, "A competitive genetic algorithm for resource-constrained
project scheduling", Naval Research Logistics 45 (1998). Sampling biased by regret for the first generation:
A. Drexl (1991), R. Kolisch, A. Drexl (1996).
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence

from programs.engine.levelling.improve import Placer
from programs.engine.levelling.rules import Rule, values

HOPELESS = 1.07
"""A child longer than the best by this factor is not justified: two schedules are better spent on another child."""

Score = tuple[int, int]
"""What is made small, then what decides between equals."""


class Member:
    """One schedule of the population."""

    __slots__ = ("order", "score", "start")

    def __init__(self, score: Score, start: list[int], order: list[int]) -> None:
        self.score, self.start, self.order = score, start, order


def search(
    placer: Placer,
    start: list[int],
    score: Callable[[list[int]], Score],
    bound: int,
    *,
    seed: int,
    schedules: int,
    enough: Callable[[Score], bool],
) -> list[int]:
    """The best starts found from `start` on, after at most about `schedules` generated schedules.

    `score` of starts is made small and its first part never goes below `bound`, where the search stops;
    `enough` is asked before each child, with the best score so far, and ends the search by answering True.
    The same seed and limits give the same schedules: only `enough` can cut them short.
    """
    return _Search(placer, score, bound, seed, schedules, enough).run(start)


class _Search:
    def __init__(
        self,
        placer: Placer,
        score: Callable[[list[int]], Score],
        bound: int,
        seed: int,
        schedules: int,
        enough: Callable[[Score], bool],
    ) -> None:
        self.placer, self.score, self.bound, self.enough = placer, score, bound, enough
        self.random = random.Random(seed)  # noqa: S311 - chance for a search, nothing secret
        self.limit = placer.generated + schedules
        self.latest = values(placer.axis, Rule.LST)
        self.before = [[p for p, _ in arcs if p not in placer.axis.fixed] for arcs in placer.axis.into]
        self.after = [[j for j, _ in arcs if j not in placer.axis.fixed] for arcs in placer.axis.out_of]
        count = len(placer.axis.movable)
        self.size = 40 if count > 400 else 80
        self.best: Member

    def run(self, start: list[int]) -> list[int]:
        self.best = self.member(start)
        while not self.over():
            self.evolve()
        return self.best.start

    def over(self) -> bool:
        return (
            self.best.score[0] <= self.bound
            or self.placer.generated >= self.limit
            or self.enough(self.best.score)
        )

    def member(self, start: list[int]) -> Member:
        return Member(self.score(start), start, self.placer.order_of(start))

    def born(self, order: Sequence[int]) -> Member:
        """The schedule of an order, justified unless it is too long to be worth it; the best one is remembered."""
        placer = self.placer
        start = placer.decode(order)
        if self.score(start)[0] <= HOPELESS * self.best.score[0]:
            start = placer.justify(start)
        child = self.member(start)
        if child.score < self.best.score:
            self.best = child
        return child

    def evolve(self) -> None:
        """One population from its first generation until it no longer gets better."""
        chance = self.random
        people = [self.best]
        while len(people) < self.size and not self.over():
            people.append(self.born(self.sample()))
        stale = 0
        while not self.over() and stale < 12:
            people.sort(key=lambda member: member.score)
            before = people[0].score
            children = []
            chance.shuffle(people)
            for mother, father in zip(people[::2], people[1::2], strict=False):
                for one, other in ((mother, father), (father, mother)):
                    if self.over():
                        return
                    children.append(self.born(self.mutated(self.crossed(one.order, other.order))))
            people = self.survivors(people + children)
            stale = 0 if people[0].score < before else stale + 1

    def survivors(self, people: list[Member]) -> list[Member]:
        """The best, each schedule once."""
        people.sort(key=lambda member: member.score)
        seen: set[tuple[int, ...]] = set()
        kept = []
        for member in people:
            same = tuple(member.start)
            if same not in seen:
                seen.add(same)
                kept.append(member)
                if len(kept) == self.size:
                    break
        return kept

    def crossed(self, mother: list[int], father: list[int]) -> list[int]:
        """The mother's order, but the father's among those in a window of an eighth to a half of it."""
        count = len(mother)
        length = self.random.randrange(count // 8, count // 2 + 1)
        at = self.random.randrange(count - length + 1)
        middle = set(mother[at : at + length])
        return [*mother[:at], *[i for i in father if i in middle], *mother[at + length :]]

    def mutated(self, order: list[int]) -> list[int]:
        """A few activities moved to another place between their predecessors and successors."""
        chance = self.random
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(order))
            i = order.pop(at)
            before, after = self.before[i], self.after[i]
            low, high = at, at
            while low and order[low - 1] not in before:
                low -= 1
            while high < len(order) and order[high] not in after:
                high += 1
            order.insert(chance.randint(low, high), i)
        return order

    def sample(self) -> list[int]:
        """An order drawn with a bias towards early latest starts."""
        chance, latest = self.random.random, self.latest
        waiting = [len(arcs) for arcs in self.before]
        spread = 0.2 * (1 - min(latest, default=0))  # a fifth of the longest path
        ready = [(latest[i] + spread * chance(), i) for i in self.placer.axis.movable if not waiting[i]]
        heapq.heapify(ready)
        order = []
        while ready:
            i = heapq.heappop(ready)[1]
            order.append(i)
            for j in self.after[i]:
                waiting[j] -= 1
                if not waiting[j]:
                    heapq.heappush(ready, (latest[j] + spread * chance(), j))
        return order
