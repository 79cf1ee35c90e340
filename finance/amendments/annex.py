"""The money of a change request as `programs.changes` asks for it: content, figures, carrying out, and its section."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from finance.amendments import impact, present, services
from finance.amendments.selectors import lines_of, plain
from pmo import formats
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.warrants import Warrant
from programs.changes import annexes
from programs.changes.annexes import Section
from programs.changes.models import ChangeRequest


class Money:
    """Budget amendments as an annex of change requests."""

    name = impact.NAME

    def content(self, request: ChangeRequest) -> list[Any]:
        return [plain(line) for line in lines_of(request)]

    def measured(self, request: ChangeRequest, *, at: datetime) -> dict[str, Any]:
        return impact.measured(request, at=at)

    def why_not(self, request: ChangeRequest, shown: dict[str, Any]) -> str:
        return impact.why_not(request, shown)

    def apply(self, request: ChangeRequest, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        services.apply(change_request=request, warrant=warrant, by=by, at=at)

    def section(
        self, page: HttpRequest, request: ChangeRequest, shown: dict[str, Any] | None
    ) -> Section | None:
        """The figures for who may see money; without any, the way to ask for it for who may."""
        access: Any = page.access  # type: ignore[attr-defined]
        if not access.may(Permission.VIEW_MONEY, request.program_id):
            return None
        may = request.state in ("draft", "submitted") and may_edit(access, request)
        if shown is None and not may:
            return None
        return Section("finance/amendments/section.html", section(request, shown, may))


def may_edit(access: Any, request: ChangeRequest) -> bool:
    """Who may write the lines: who edits the project's plan, or keeps the program's budgets."""
    return bool(
        access.may(Permission.EDIT_BUDGET, request.program_id)
        or access.may(Permission.EDIT_PLAN, request.program_id, request.project_id)
    )


def section(request: ChangeRequest, shown: dict[str, Any] | None, may: bool) -> dict[str, Any]:
    """What the template needs, formatted."""
    found = shown or {}
    currency = found.get("currency", "")
    return {
        "found": request,
        "may": may,
        "shown": bool(shown),
        "rows": [
            {
                "label": one.label,
                "before": formats.money_exact(one.before, currency),
                "after": formats.money_exact(one.after, currency),
                "difference": formats.money_exact(one.after - one.before, currency, sign=True)
                if one.after != one.before
                else "0",
                "state": one.state,
            }
            for one in (present.rows(found) if shown else [])
        ],
        "lines": [present.in_words(line, currency) for line in found.get("lines", [])],
        "policy_new": found.get("policy_new", []),
        "policy_gone": found.get("policy_gone", []),
        "problems": found.get("problems", []),
        "ledger_version": found.get("ledger_version"),
    }


annexes.register(Money())
