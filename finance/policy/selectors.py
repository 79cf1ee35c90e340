"""Reading what budget policy found: beside the lines, versions and requests that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from finance.policy.models import PolicyFinding

MOST_BESIDE = 20
"""Findings shown beside something; the list of findings has all of them."""


def open_findings(program_id: int, user: Any) -> Any:
    """The findings that are open, newest first."""
    rows = PolicyFinding.objects.visible_to(user).filter(program_id=program_id, cleared_at=None)
    return rows.select_related("clause", "project").order_by("-pk")


def beside_subject(program_id: int, user: Any, kind: str, pk: int) -> list[PolicyFinding]:
    """What was found about one budget version or capital request. One query."""
    return list(open_findings(program_id, user).filter(subject_kind=kind, subject_id=pk)[:MOST_BESIDE])


def beside_budget(program_id: int, user: Any) -> list[PolicyFinding]:
    """What was found about the budget in force and the books behind it. One query."""
    found = open_findings(program_id, user).filter(Q(subject_kind="") & ~Q(clause=None))
    return list(found[:MOST_BESIDE])


def lines_found(findings: Iterable[PolicyFinding]) -> dict[tuple[int | None, str, str], str]:
    """Cost line (project, category, nature) -> the sentences found about it."""
    said: dict[tuple[int | None, str, str], str] = {}
    for one in findings:
        if one.category:
            key = (one.project_id, one.category, one.nature)
            said[key] = f"{said[key]} {one.sentence}" if key in said else one.sentence
    return said
