"""What holds a Primavera activity: its constraints, and the relationships between activities."""

from __future__ import annotations

from .draft import NO_CONSTRAINT, ActivityDraft, DependencyDraft, Draft, SecondConstraintDraft
from .p6_met import Work
from .p6_values import CONSTRAINTS, LINKS, Fields, Row, lag, line, moment

_BOUNDS = ("SNET", "SNLT", "FNET", "FNLT")


def read_constraints(draft: Draft, activity: ActivityDraft, row: Row, fields: Fields) -> None:
    """The primary constraint, then what else bounds it: a pair's second half, or the secondary constraint.

    A second "finish no later than" is a deadline: both bound the late finish and nothing else.
    """
    bounds: list[tuple[str, int]] = []
    for kind, day in (("cstr_type", "cstr_date"), ("cstr_type2", "cstr_date2")):
        text = row.get(kind, "").strip()
        if not text:
            continue
        if text not in CONSTRAINTS:
            fields.warn(row, kind, text, "This constraint is not known; it was not read.")
            continue
        first, second = CONSTRAINTS[text]
        if first == "ALAP":
            if not bounds:
                activity.constraint = first
            continue
        at = fields.read(row, day, moment)
        if at is None:
            fields.warn(row, day, text, "This constraint has no date; it was not read.")
            continue
        bounds += [(one, at) for one in (first, second) if one]
    for name, at in bounds:
        if activity.constraint == NO_CONSTRAINT:
            activity.constraint, activity.constraint_date = name, at
        elif name == "FNLT" and activity.deadline is None:
            activity.deadline = at
        elif name in _BOUNDS and not any(
            one.activity == activity.code and one.project == activity.project for one in draft.seconds[-1:]
        ):
            draft.seconds.append(
                SecondConstraintDraft(activity.project, activity.code, name, at, activity.row)
            )
        else:
            fields.warn(row, "cstr_type2", name, "A third bound on one activity was not read.")


def read_links(draft: Draft, rows: list[Row], work: Work, fields: Fields) -> None:
    """Relationships between activities of the file; what leads outside of it is counted."""
    for row in rows:
        source, target = row.get("pred_task_id", ""), row.get("task_id", "")
        ends = [work.activities.get(number) for number in (source, target)]
        if source in work.left_out or target in work.left_out:
            fields.warn(
                row, "pred_task_id", source, "This link leads to an activity that was left out; so was it."
            )
            continue
        kind = LINKS.get(row.get("pred_type", ""))
        if kind is None:
            fields.error(row, "pred_type", row.get("pred_type"), "This is not a type of link.")
            continue
        before, after = ends
        if before is None or after is None:
            if row.get("pred_proj_id", "") not in ("", row.get("proj_id", "")):
                work.external += 1
                inside = before or after
                if inside is not None:
                    draft.marks[inside.project, inside.code] = (
                        "a link to a project outside of the file was left out"
                    )
            else:
                fields.error(
                    row,
                    "pred_task_id",
                    source if before is None else target,
                    "No activity with this number is in the file.",
                )
            continue
        draft.dependencies.append(
            DependencyDraft(
                before.project,
                before.code,
                after.project,
                after.code,
                kind,
                fields.read(row, "lag_hr_cnt", lag, 0),
                row=line(row),
            )
        )
