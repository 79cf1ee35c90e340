"""What each activity of a draft is planned to cost, split as earned value needs it.

`start` falls due in full when the activity starts: its fixed cost and the cost of using its resources. `spread` is
incurred evenly over the working time: its own rate and its resources' rates, times hours. Ghent / OR-AS rules (see
`tests/finance/engine/ghent.py`): assignment = units x (cost per use + cost per hour x hours); for a quantity that
does not depend on the duration, units x (cost per use + price), due at the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from .draft import SUMMARY, ActivityDraft, AssignmentDraft, Draft, ResourceDraft
from .rows import Key

CLOSE = Fraction(1, 100)
"""Major units: nearer than this, a stated total is the parts' sum written shorter."""

_NONE = (Fraction(0), Fraction(0))


def planned_costs(draft: Draft) -> dict[Key, tuple[Fraction, Fraction]]:
    """Start and spread cost in major units, exactly, of every activity that is not a summary.

    Hours are those of the baseline where the file has any, else of the plan. A stated baseline cost that is not the
    sum of the parts is believed: the start cost stays as far as it fits, the rest is spread. What the file says
    exactly (`Draft.baseline_costs`) holds before all of this.
    """
    resources = {(one.project, one.code): one for one in draft.resources}
    assigned: dict[Key, list[AssignmentDraft]] = {}
    for each in draft.assignments:
        assigned.setdefault((each.project, each.activity), []).append(each)
    exact = {
        (one.project, one.activity): (Fraction(one.start), Fraction(one.spread))
        for one in draft.baseline_costs
    }
    found = {}
    for activity in draft.activities:
        key = (activity.project, activity.code)
        if activity.kind != SUMMARY:
            found[key] = exact.get(key) or _cost(activity, assigned.get(key, ()), resources)
    return found


def own_costs(draft: Draft) -> dict[Key, tuple[Fraction, Fraction]]:
    """Each activity's own fixed cost and cost per hour in major units, exactly, apart from its assignments.

    Where a file states what resources cost without saying which, that becomes the activity's own: by the hour, or
    fixed where it has no duration, so that a baseline frozen later holds it.
    """
    assigned = {(one.project, one.activity) for one in draft.assignments}
    found = {}
    for one in draft.activities:
        fixed, hourly = Fraction(one.fixed_cost), Fraction(one.cost_per_hour)
        if one.resource_cost and one.kind != SUMMARY and (one.project, one.code) not in assigned:
            if one.duration:
                hourly += Fraction(one.resource_cost) * 60 / one.duration
            else:
                fixed += Fraction(one.resource_cost)
        found[one.project, one.code] = (fixed, hourly)
    return found


def _cost(
    activity: ActivityDraft,
    assigned: Iterable[AssignmentDraft],
    resources: dict[tuple[str, str], ResourceDraft],
) -> tuple[Fraction, Fraction]:
    minutes = activity.duration if activity.baseline_duration is None else activity.baseline_duration
    hours = Fraction(minutes, 60)
    start = Fraction(activity.fixed_cost)
    spread = Fraction(activity.cost_per_hour) * hours
    some = False
    for one in assigned:
        some = True
        more_start, more_spread = _assignment(one, resources[one.resource_project, one.resource], hours)
        start, spread = start + more_start, spread + more_spread
    if not some:
        spread += Fraction(activity.resource_cost)
    stated = activity.baseline_cost
    if stated is not None and abs(start + spread - Fraction(stated)) >= CLOSE:
        start = min(start, Fraction(stated))
        spread = Fraction(stated) - start
    return start, spread


def _assignment(one: AssignmentDraft, resource: ResourceDraft, hours: Fraction) -> tuple[Fraction, Fraction]:
    units = Fraction(one.units)
    uses = units * Fraction(resource.cost_per_use)
    if one.cost is not None:  # the tool that wrote the file worked it out
        uses = min(uses, Fraction(one.cost))
        return uses, Fraction(one.cost) - uses
    if one.fixed_quantity:
        return uses + units * Fraction(resource.cost_per_hour), Fraction(0)
    return uses, units * Fraction(resource.cost_per_hour) * hours
