"""The list of what budget policy found: open, cleared, by clause, by project; and as a file."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from finance.policy.models import PolicyFinding
from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.money import format_plain
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

STATES = {"open": "Open", "cleared": "Cleared", "all": "All"}


@page(Permission.VIEW_MONEY)
def findings(request: HttpRequest, program: Program) -> HttpResponse:
    """Findings, those that are open unless `?state=cleared` or `all`; `?kind=` and `?project=` narrow."""
    rows = PolicyFinding.objects.visible_to(request.user).filter(program_id=program.pk)
    state = request.GET.get("state", "open")
    if state not in STATES:
        state = "open"
    if state != "all":
        rows = rows.filter(cleared_at__isnull=state == "open")
    kind, project = request.GET.get("kind", ""), request.GET.get("project", "")[:30].replace("\x00", "")
    if kind in PolicyFinding.Kind.values:
        rows = rows.filter(kind=kind)
    if project:
        rows = rows.filter(project__code__iexact=project)
    where = {"code": program.code}
    clauses = reverse("finance:policy", kwargs=where)
    subjects = {
        "budget": reverse("finance:budget", kwargs=where),
        "capital_request": reverse("finance:capital-requests", kwargs=where),
    }
    ledger, spend = reverse("finance:ledger", kwargs=where), reverse("finance:spend", kwargs=where)

    def about(one: PolicyFinding) -> str:
        if one.subject_kind in subjects:
            return f"{subjects[one.subject_kind]}{one.subject_id}/"
        if one.kind == PolicyFinding.Kind.CREDIT_BEYOND_COST:
            whose = {"project": one.project.code} if one.project else {}
            return f"{spend}?{urlencode({**whose, 'category': one.category, 'nature': one.nature})}"
        return f"{ledger}{one.journal_id}/" if one.journal_id else ""

    def line(one: PolicyFinding) -> str:
        category = one.get_category_display() if one.category else ""
        return f"{category}, {one.get_nature_display().lower()}" if category and one.nature else category

    access: Access = request.access  # type: ignore[attr-defined]
    issues = reverse("programs:issues", kwargs=where)

    def keeps(one: PolicyFinding) -> bool:
        return one.cleared_at is None and access.may(Permission.EDIT_RISKS, program.pk, one.project_id)

    def issue_of(one: PolicyFinding) -> str:
        known = getattr(one, "issued", None)
        if known is not None:
            return str(known.issue.code)
        return "Make it one" if keeps(one) else formats.UNKNOWN

    def issue_url(one: PolicyFinding) -> str:
        known = getattr(one, "issued", None)
        if known is not None:
            return f"{issues}{known.issue_id}/"
        return f"{request.path}{one.pk}/issue/" if keeps(one) else ""

    register = Register(
        name=f"{program.code}-findings",
        rows=rows.select_related("clause", "project", "waiver", "issued__issue").order_by("-pk"),
        search=("sentence", "clause__code"),
        columns=[
            Column("Found", lambda r: r.sentence, href=about),
            Column(
                "Clause",
                lambda r: r.clause.code if r.clause else "",
                "clause__code",
                href=lambda r: f"{clauses}{r.clause_id}/" if r.clause_id else "",
            ),
            Column("Kind", lambda r: r.get_kind_display(), "kind"),
            Column("Project", lambda r: r.project.code if r.project else "Program", "project__code"),
            Column("Line", line, "category"),
            Column(
                "By how much",
                lambda r: (
                    formats.money_short(r.amount_minor, program.currency, unit=True) if r.amount_minor else ""
                ),
                "amount_minor",
                num=True,
                plain=lambda r: format_plain(r.amount_minor, program.currency),
            ),
            Column("Issue", issue_of, href=issue_url),
            Column("Since", lambda r: formats.day(r.found_at), "found_at", num=True),
            Column(
                "Cleared",
                lambda r: formats.day(r.cleared_at) if r.cleared_at else "",
                "cleared_at",
                num=True,
            ),
        ],
        empty={
            "title": "Nothing is found" if state == "open" else "Nothing here",
            "text": "A finding opens when a clause of the policy is breached, cost has no approved budget, or a credit"
            " is beyond what was spent; it clears when that is gone.",
            "url": clauses,
            "label": "To the clauses",
        },
    )
    context = {
        "program": program,
        "no_clock": True,
        "heading": "Policy findings",
        "subtitle": "What budget policy found; each clears by itself when the breach is gone",
        "chips": list(STATES.items()),
        "chosen": state,
        "crumbs": crumbs(program, ("Budget policy", clauses), ("Findings", "")),
    }
    return register.respond(request, "finance/policy/findings.html", context)
