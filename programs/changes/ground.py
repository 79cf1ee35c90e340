"""The part of the plan that a request's edits are about, as it stands: read once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from programs.baselines.models import BaselineActivity
from programs.calendars.models import Calendar
from programs.changes.edits import Edit, activities_in, links_in, named
from programs.changes.scope import Scope
from programs.changes.staffing import Staff
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity, Dependency, Progress


@dataclass(frozen=True, slots=True)
class Ground:
    """The part of the plan that edits are about, as it stands."""

    program: Program
    activities: dict[int, Activity]
    links: dict[int, Dependency]
    projects: dict[int, Project]
    calendars: set[int]
    taken: set[str]
    """Keys of the codes that new activities would have and that exist."""
    tied: set[tuple[int, int, str]]
    """Links that exist between ends that new ones name."""
    held: dict[int, str]
    """Per activity to be removed, why it cannot be."""
    staff: Staff
    """Who is assigned to what, as far as edits ask."""
    scope: Scope
    """The deliverables that edits are about."""

    @classmethod
    def of(cls, program: Program, edits: Sequence[Edit]) -> Ground:
        """At most fourteen queries, whatever the number of edits."""
        ids, link_ids = activities_in(edits), links_in(edits)
        links = {
            one.pk: one
            for one in Dependency.objects.filter(program_id=program.pk, pk__in=link_ids).select_related(
                "predecessor__project", "successor__project"
            )
        }
        codes = {
            str(one["to"].get("code", one.get("key", "/").partition("/")[2]))
            for one in edits
            if one["do"] == "add"
        }
        new_links = [one for one in edits if one["do"] == "link"]
        projects = {one.pk: one for one in Project.objects.filter(program_id=program.pk)}
        for one in projects.values():
            one.program = program
        return cls(
            program,
            {
                one.pk: one
                for one in Activity.objects.filter(program_id=program.pk, pk__in=ids).select_related(
                    "project"
                )
            },
            links,
            projects,
            set(Calendar.objects.filter(program_id=program.pk).values_list("pk", flat=True)),
            {
                f"{project}/{code}"
                for project, code in Activity.objects.filter(
                    program_id=program.pk, code__in=codes
                ).values_list("project__code", "code")
            }
            if codes
            else set(),
            set(
                Dependency.objects.filter(
                    program_id=program.pk,
                    predecessor_id__in=named(new_links, "link", "predecessor"),
                    successor_id__in=named(new_links, "link", "successor"),
                ).values_list("predecessor_id", "successor_id", "kind")
            )
            if new_links
            else set(),
            _held(named(edits, "remove", "activity")),
            Staff.of(program, edits),
            Scope.of(program, edits),
        )


def _held(ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    of_record = set(Progress.objects.filter(activity_id__in=ids).values_list("activity_id", flat=True)) | set(
        BaselineActivity.objects.filter(activity_id__in=ids).values_list("activity_id", flat=True)
    )
    parents = set(Activity.objects.filter(parent_id__in=ids).values_list("parent_id", flat=True))
    record = "It has progress or stands in a baseline: set its remaining work to nothing instead."
    return dict.fromkeys(of_record, record) | dict.fromkeys(
        parents, "Other activities lie under it: move or remove those first."
    )
