"""Lower bounds: no schedule can end earlier, whoever looks for it. The gap is stated against the best of them.

Critical path; resource energy between heads and tails; and the same energy after dual feasible functions, which
count two activities that cannot be at work together as if each needed everything (J. Carlier, E. Neron, "On
linear lower bounds for the resource constrained project scheduling problem", EJOR 149, 2003).
"""

from __future__ import annotations

from collections.abc import Iterator

from programs.engine.levelling.axis import Axis
from programs.engine.levelling.rules import heads, tails

User = tuple[int, int, int, int]
"""An activity on one resource: its head, what must follow its finish, its duration and its amount."""

QUICK_TAILS = 6
"""Tails tried per resource where the answer is wanted at once."""
MOST_PAIRS = 40_000
"""Windows looked at per resource and function otherwise; beyond, fewer tails are tried, the bound is weaker."""


def finish_bound(axis: Axis, *, thorough: bool = True) -> int:
    """No schedule's last finish lies earlier, in units of the axis; `thorough` takes about a second per 1,000
    activities, otherwise some milliseconds."""
    head, tail = heads(axis), tails(axis)
    best = max((h + t for h, t in zip(head, tail, strict=True)), default=0)
    users: list[list[User]] = [[] for _ in axis.capacity]
    for i in axis.movable:
        for k, amount in axis.needs[i]:
            users[k].append((head[i], tail[i] - axis.duration[i], axis.duration[i], amount))
    for own, steps in zip(users, axis.capacity, strict=True):
        most = max(amount for _, amount in steps)
        if not own or not most:
            continue
        pairs = MOST_PAIRS if thorough else QUICK_TAILS * len(own)
        best = max(best, _energy(own, steps, pairs))
        for low in _thresholds(own, most) if thorough else ():
            weighed = [(h, q, d, _dual(amount, most, low)) for h, q, d, amount in own]
            best = max(best, _energy([user for user in weighed if user[3]], [(0, 2 * most)], pairs))
    return best


def _thresholds(users: list[User], most: int) -> Iterator[int]:
    """Up to the capacity, in halves: where the function below changes its mind; a few of them are enough."""
    found = sorted({low for *_, a in users for low in (2 * a, 2 * (most - a) + 1) if low <= most})
    step = max(1, len(found) // 8)
    yield from sorted({*found[::step], *found[-1:]})


def _dual(amount: int, most: int, low: int) -> int:
    """Twice an amount; above the capacity less `low` halves it counts as all of it, below `low` halves as nothing.

    Work that is together within the capacity stays so (a dual feasible function), so the bound holds.
    """
    if 2 * amount > 2 * most - low:
        return 2 * most
    return 0 if 2 * amount < low else 2 * amount


def _energy(users: list[User], steps: list[tuple[int, int]], pairs: int) -> int:
    """Work that cannot begin before `r` and has `q` after it ends no earlier than r + work / capacity + q."""
    by_head = sorted(users, key=lambda user: -user[0])
    levels = sorted({user[1] for user in users}, reverse=True)
    keep = max(1, pairs // max(len(users), 1))
    if len(levels) > keep:
        levels = levels[:: len(levels) // keep + 1] + levels[-1:]
    best = 0
    for tail in levels:
        work, last = 0, len(by_head) - 1
        for at, (head, after, duration, amount) in enumerate(by_head):
            if after >= tail:
                work += duration * amount
            if work and (at == last or by_head[at + 1][0] != head):
                end = _reached(steps, head, work) + tail
                if end > best:
                    best = end
    return best


def _reached(steps: list[tuple[int, int]], begin: int, work: int) -> int:
    """When a resource has done so much work from `begin` on, all of it busy."""
    if len(steps) == 1:
        return begin - (-work // steps[0][1])
    t = begin
    for at, (time, amount) in enumerate(steps):
        until = steps[at + 1][0] if at + 1 < len(steps) else None
        if until is not None and until <= t:
            continue
        t = max(t, time)
        if amount and (until is None or (until - t) * amount >= work):
            return t - (-work // amount)
        if until is not None:
            work -= (until - t) * amount
            t = until
    return begin  # the resource never does it all: the generator says so, no bound is claimed
