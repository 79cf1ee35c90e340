"""What the search finds in programs: programs, projects, activities, resources, risks, issues, benefits, changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse

from pmo.accounts.access import Access
from pmo.search import PER_KIND, Hit, register
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Objective, Program, Project
from programs.raid.issue_models import Issue
from programs.raid.models import Risk
from programs.resources.models import Resource
from programs.schedule.models import Activity


def find(access: Access, user: Any, words: str) -> Iterator[Hit]:
    """Codes that begin with the words, names (of activities: or notes) that contain them; only what one may see."""
    named = Q(code__istartswith=words) | Q(name__icontains=words)
    for program in Program.objects.visible_to(user).filter(named).order_by("code")[:PER_KIND]:
        yield Hit(
            "Program",
            program.name,
            program.code,
            reverse("governance:dashboard", kwargs={"code": program.code}),
        )
    for project in Project.objects.visible_to(user).filter(named).select_related("program")[:PER_KIND]:
        yield Hit(
            "Project",
            f"{project.code} {project.name}",
            project.program.code,
            reverse("programs:project", kwargs={"code": project.program.code, "project_code": project.code}),
        )
    found = (
        Activity.objects.visible_to(user)
        .filter(named | Q(notes__icontains=words))
        .select_related("project__program")
        .order_by("code", "pk")
    )
    for activity in found[:PER_KIND]:
        program = activity.project.program
        yield Hit(
            "Activity",
            f"{activity.code} {activity.name}",
            f"{program.code} / {activity.project.code}",
            reverse("programs:activity", kwargs={"code": program.code, "pk": activity.pk}),
        )
    for resource in (
        Resource.objects.visible_to(user)
        .filter(named)
        .select_related("program")
        .order_by("code", "pk")[:PER_KIND]
    ):
        yield Hit(
            "Resource",
            f"{resource.code} {resource.name}",
            resource.program.code,
            reverse("programs:resource", kwargs={"code": resource.program.code, "pk": resource.pk}),
        )
    titled = Q(code__istartswith=words) | Q(title__icontains=words)
    for risk in (
        Risk.objects.visible_to(user).filter(titled).select_related("program").order_by("code")[:PER_KIND]
    ):
        yield Hit(
            "Risk",
            f"{risk.code} {risk.title}",
            risk.program.code,
            reverse("programs:risk", kwargs={"code": risk.program.code, "pk": risk.pk}),
        )
    for issue in (
        Issue.objects.visible_to(user).filter(titled).select_related("program").order_by("pk")[:PER_KIND]
    ):
        yield Hit(
            "Issue",
            f"{issue.code} {issue.title}",
            issue.program.code,
            reverse("programs:issue", kwargs={"code": issue.program.code, "pk": issue.pk}),
        )

    for benefit in Objective.objects.visible_to(user).filter(named).select_related("program")[:PER_KIND]:
        yield Hit(
            "Benefit",
            f"{benefit.code} {benefit.name}",
            f"{benefit.program.code}{' / retired' if benefit.retired_at else ''}",
            reverse("programs:benefit", kwargs={"code": benefit.program.code, "pk": benefit.pk}),
        )

    asked = ChangeRequest.objects.visible_to(user).filter(titled).select_related("program").defer("edits")
    for change in asked.order_by("-pk")[:PER_KIND]:
        yield Hit(
            "Change",
            f"{change.code} {change.title}",
            change.program.code,
            reverse("programs:change", kwargs={"code": change.program.code, "pk": change.pk}),
        )


register(find)
