"""A change request for people: its edits in words, and what they do as measures before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from pmo import formats
from programs.changes import scope_figures

RED_OVER = 10
"""Working days: a slip is amber, over this it is red."""
LINKS = 3
"""Links between projects that are named in the table."""
MILESTONES = 12
"""Milestones with a row of their own; more than those are counted."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: before, after, signed difference; `state` colours the difference."""

    label: str
    before: str
    after: str
    difference: str
    state: str = ""


def signed_days(minutes: int, day: int) -> str:
    """`+3 working days`, `−0.5 working days`: not to be read as the calendar days of dashboards and milestones."""
    days = formats.number(round(minutes / day, 1), 0 if minutes % day == 0 else 1, sign=True)
    return f"{days}{formats.GAP}working {'day' if abs(minutes) == day else 'days'}"


def slip_state(minutes: int, day: int) -> str:
    """The colour of a slip."""
    return "red" if minutes > RED_OVER * day else "amber" if minutes > 0 else "green"


def measures(found: dict[str, Any], on: tzinfo, *, money: bool = True) -> list[Measure]:
    """Finish, projects, milestones, critical path, float, findings, what it reaches, and how likely it is.

    Without `money` what a simulation says of the cost is left out.
    """
    day = found["day_minutes"]

    def date(text: str) -> str:
        return formats.day(datetime.fromisoformat(text).astimezone(on))

    def dates(label: str, before: str, after: str, minutes: int) -> Measure:
        return Measure(label, date(before), date(after), signed_days(minutes, day), slip_state(minutes, day))

    before, after = found["finish"]
    rows = [dates("Program finish", before, after, found["finish_minutes"])]
    rows += [
        dates(f"{one['project']} finish", one["before"], one["after"], one["minutes"])
        for one in found["projects"]
    ]
    rows += [
        dates(one["label"], one["before"], one["after"], one["minutes"])
        for one in found["milestones"][:MILESTONES]
    ]
    joined, left = found["critical_joined_count"], found["critical_left_count"]
    rows.append(
        Measure(
            "Critical path",
            f"{left} leave it" if left else formats.UNKNOWN,
            f"{joined} join it" if joined else formats.UNKNOWN,
            "changed" if joined or left else "the same",
            "amber" if joined or left else "green",
        )
    )
    least, then = found["least_float"]
    rows.append(
        Measure(
            "Least total float",
            signed_days(least, day),
            signed_days(then, day),
            signed_days(then - least, day),
            "red" if then < min(least, 0) else "green",
        )
    )
    rows.append(
        Measure(
            "Activities with other dates",
            formats.UNKNOWN,
            formats.number(found["moved"]),
            f"{found['float_less']} less float, {found['float_more']} more",
        )
    )
    if found["findings_new"] or found["findings_gone"]:
        rows.append(
            Measure(
                "Findings of the plan",
                "; ".join(found["findings_gone"]) or formats.UNKNOWN,
                "; ".join(found["findings_new"]) or formats.UNKNOWN,
                formats.counted(len(found["findings_new"]), "new kind", "new kinds"),
                "red" if found["findings_new"] else "green",
            )
        )
    rows += [_gate(one, dates) for one in found.get("gates", [])]
    if crossing := found.get("interfaces_moved"):
        rows.append(
            Measure(
                "Links into other projects",
                formats.UNKNOWN,
                "; ".join(found["interfaces"][:LINKS]) + ("; ..." if crossing > LINKS else ""),
                f"{formats.counted(crossing, 'delivers', 'deliver')} at another time",
                "amber",
            )
        )
    rows += [
        Measure(
            f"Overloaded: {one['label']}",
            formats.counted(one["before"], "day", "days"),
            formats.counted(one["after"], "day", "days"),
            f"{formats.number(one['after'] - one['before'], sign=True)} days",
            "amber" if one["after"] > one["before"] else "green",
        )
        for one in found.get("loads", [])
    ]
    before, after = found.get("labour", (0, 0))
    if money and before != after:
        text, currency = formats.money_text, found["currency"]
        moved, state = text(after - before, currency, sign=True), "amber" if after > before else "green"
        rows.append(
            Measure("Resources as planned", text(before, currency), text(after, currency), moved, state)
        )
    rows += [Measure(*row) for row in scope_figures.rows(found)]
    return rows + _likely(found, dates, money=money)


def _likely(
    found: dict[str, Any], dates: Callable[[str, str, str, int], Measure], *, money: bool
) -> list[Measure]:
    """What a simulation of the plan before and after says; that there was none, where edits are proposed."""
    told = found.get("simulation")
    if told is None:
        none = Measure("Likely finish and cost", formats.UNKNOWN, formats.UNKNOWN, "not simulated")
        return [none] if found["edits"] else []
    rows = [
        dates(f"Program finish, P{share}", one["before"], one["after"], one["minutes"])
        for share, one in ((50, told["p50"]), (80, told["p80"]))
    ]
    rows += [
        dates(f"{one['project']} finish, P80", one["before"], one["after"], one["minutes"])
        for one in told["projects"]
    ]
    before, after = (round(mille / 10) for mille in told["sure"])
    rows.append(
        Measure(
            "Planned finish is sure to",
            formats.percent(before),
            formats.percent(after),
            f"{formats.number(after - before, sign=True)} points" if after != before else "the same",
            "" if after == before else "amber" if after < before else "green",
        )
    )
    asked = bool(
        found.get("money")
    )  # what the annex of money asks for is in no simulation: no all-clear by it
    for share in (50, 80) if money and told["cost"] else ():
        before, after = told["cost"][f"p{share}"]
        text, currency = formats.money_text, told["currency"]
        rows.append(
            Measure(
                f"Cost of the plan{' without the money asked for' if asked else ''}, P{share}",
                text(before, currency),
                text(after, currency),
                text(after - before, currency, sign=True) if after != before else "the same",
                "amber" if after > before else "" if asked else "green",
            )
        )
    return rows


def _gate(one: dict[str, Any], dates: Callable[[str, str, str, int], Measure]) -> Measure:
    """A gate whose milestone moves, or is not in the plan any more."""
    if one["after"] is not None:
        return dates(one["label"], one["before"], one["after"], one["minutes"])
    return Measure(one["label"], "in the plan", "without milestone", "loses its milestone", "red")
