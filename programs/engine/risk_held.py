"""Constraints in the sweep over runs: what they say about early dates (numpy)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from programs.engine.plan import Constraint, Plan, Rules
from programs.engine.risk_flows import SAME, Flows
from programs.engine.sweep_clocks import Ints
from programs.engine.sweep_layout import MISSING, Columns, dates, small


@dataclass(slots=True)
class Held:
    """Constraints that win over links: a fixed place, or (where late constraints pull) the last one allowed."""

    start: int | None = None
    finish: int | None = None
    last_start: int | None = None
    last_finish: int | None = None


_ON_START = (Constraint.START_NO_EARLIER_THAN, Constraint.START_NO_LATER_THAN, Constraint.MUST_START_ON)
_NO_LATER = (Constraint.START_NO_LATER_THAN, Constraint.FINISH_NO_LATER_THAN)
_NO_EARLIER = (Constraint.START_NO_EARLIER_THAN, Constraint.FINISH_NO_EARLIER_THAN)


def constraints_of(
    plan: Plan, rules: Rules, columns: Columns
) -> tuple[dict[int, Held], list[tuple[int, int]]]:
    """What constraints say about early dates, as `layout.bind` and `critical_path` have it.

    Floors under starts are raised in `columns`. Returned are those that win over links, and the places under
    finishes as pairs of activity and place.
    """
    held: dict[int, Held] = {}
    on_finish: list[tuple[int, int]] = []
    count = len(columns.length)
    for constraints, days in (
        (plan.constraint, plan.constraint_date),
        (plan.second_constraint, plan.second_constraint_date),
    ):
        if not any(constraints):
            continue
        kind, date = small(constraints, count), dates(days, count)
        which = np.flatnonzero(
            (kind != Constraint.AS_SOON_AS_POSSIBLE)
            & (kind != Constraint.AS_LATE_AS_POSSIBLE)
            & (date != MISSING)
            & ~columns.completed
            & columns.taking_part
        )
        places = columns.clocks.work_at(columns.at[which], date[which])
        for i, place in zip(which.tolist(), places.tolist(), strict=True):
            constraint, begun = int(kind[i]), bool(columns.started[i])
            on_start = constraint in _ON_START
            if constraint in _NO_EARLIER:
                if begun:
                    continue
                if on_start:
                    columns.floor[i] = max(int(columns.floor[i]), place)
                else:
                    on_finish.append((i, place))
            elif begun or constraint in _NO_LATER:
                if rules.late_constraints_pull and not (begun and columns.settled):
                    own = held.setdefault(i, Held())
                    if on_start:
                        own.last_start = place if own.last_start is None else min(place, own.last_start)
                    else:
                        own.last_finish = place if own.last_finish is None else min(place, own.last_finish)
            else:
                own = held.setdefault(i, Held())
                own.start, own.finish = (place, None) if on_start else (None, place)
    return held, on_finish


def with_constraints(flows: Flows, columns: Columns, on_finish: list[tuple[int, int]]) -> Flows:
    """The flows, and a flow for each place under a finish."""
    if not on_finish:
        return flows
    i, place = np.array(on_finish, dtype=np.int64).T
    none, yes = np.zeros(len(i), dtype=np.int64), np.ones(len(i), dtype=np.bool_)
    calendar = columns.calendar[i]
    more = Flows(
        none - 1, yes, i, yes, none - 1, none + SAME, place, none, calendar, none, calendar, none, yes
    )
    return Flows(
        *(np.concatenate((getattr(flows, name), getattr(more, name))) for name in Flows.__dataclass_fields__)
    )


def hold(
    held: Held, length: Ints, off: Ints, start: npt.NDArray[np.int64], finish: npt.NDArray[np.int64]
) -> None:
    """Hold start and finish of an activity in place; `off` is what a finish leaves for the start."""
    if held.start is not None:
        start[:] = held.start
        finish[:] = held.start + length
        return
    if held.finish is not None:
        start[:] = held.finish - off
        finish[:] = held.finish
        return
    if held.last_start is not None:
        np.minimum(start, held.last_start, out=start)
        np.minimum(finish, held.last_start + length, out=finish)
    if held.last_finish is not None:
        np.minimum(start, held.last_finish - off, out=start)
        np.minimum(finish, held.last_finish, out=finish)
