"""What a batch would bring about, told before it is saved: everything was worked out, and is undone by raising this."""

from __future__ import annotations

from pmo import formats
from pmo.refusals import Refused
from pmo.zones import zone
from programs.master_plan.preview import days
from programs.master_plan.services import in_words, moved_later
from programs.portfolio.models import Program
from programs.schedule.models import Computation, ComputedDates

SHOWN = 5


def newest(program: Program) -> Computation | None:
    """The computation in force."""
    return Computation.objects.filter(program_id=program.pk).defer("findings").order_by("-pk").first()


class Tried(Refused):
    """The batch would do this. Nothing was saved."""

    status = 200

    def __init__(
        self, before: Computation | None, after: Computation | None, moved: set[int], program: Program
    ) -> None:
        self.lines = lines(before, after, moved, program)
        super().__init__(self.lines[0], code="tried")


def brought_about(computation: Computation, moved: set[int], program: Program) -> list[str]:
    """What a saved batch moved, in the same sentences."""
    before = Computation.objects.filter(program_id=program.pk, pk__lt=computation.pk).defer("findings")
    return lines(before.order_by("-pk").first(), computation, moved, program, would=False)


def lines(
    before: Computation | None,
    after: Computation | None,
    moved: set[int],
    program: Program,
    *,
    would: bool = True,
) -> list[str]:
    """What moves from one computation to the next: how many, the program's finish, committed milestones, the first."""
    if after is None:
        return ["A worker computes the new dates once it is saved."]
    if not moved:
        return ["No date would move." if would else "No date moved."]
    on = zone(program.time_zone)
    have = "would have" if would else "has" if len(moved) == 1 else "have"
    said = [f"{formats.counted(len(moved), 'activity', 'activities')} {have} new dates."]
    if before and before.plan_finish and after.plan_finish:
        by = (after.plan_finish - before.plan_finish).total_seconds() / 86_400
        finish = formats.day(after.plan_finish.astimezone(on))
        said.append(
            f"The program {'would finish' if would else 'finishes'} on {finish}, {days(by)}."
            if by
            else "The program’s finish stands."
        )
    later = moved_later(after)
    if later:
        said.append(in_words(later))
    rows = (
        ComputedDates.objects.filter(program_id=program.pk, computation=after, activity_id__in=moved)
        .order_by("early_start", "activity_id")
        .values_list("activity__code", "activity__name", "early_start", "early_finish")[:SHOWN]
    )
    said += [
        f"{code} {name[:60]}: {formats.day(start.astimezone(on))} to {formats.day(finish.astimezone(on))}"
        for code, name, start, finish in rows
    ]
    if len(moved) > SHOWN:
        said.append(f"and {len(moved) - SHOWN} more")
    return said
