"""The decision log: what was asked, how it ended, how long that took; searched, filtered, exported."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from governance.authority.models import SubjectKind
from governance.bodies.models import Body
from governance.decisions import selectors
from governance.decisions.latency import CostOfDelay, cost_of_delay, days_waited
from governance.decisions.models import Decision
from governance.decisions.opening import local_day
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.money import format_plain
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project

ENDS = (
    ("draft", "Proposed"),
    ("open", "Open"),
    ("overdue", "Overdue"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("lapsed", "Lapsed"),
    ("withdrawn", "Withdrawn"),
    ("unmet", "Conditions not met"),
)


def _narrowed(rows: QuerySet[Decision], given: Any, program: Program) -> QuerySet[Decision]:
    """By the words of the address; what makes no sense narrows nothing."""
    if (kind := given.get("kind", "")) in SubjectKind.values:
        rows = rows.filter(subject_kind=kind)
    if body := given.get("body", ""):
        rows = rows.filter(body__code=body[:30].replace("\x00", ""))
    if code := given.get("project", "")[:30].replace("\x00", ""):
        rows = rows.filter(
            Q(capital_request__project__code=code)
            | Q(budget__project__code=code)
            | Q(change_request__project__code=code)
            | Q(waiver__project__code=code)
            | Q(gate__project__code=code)
            | Q(risk_acceptance__risk__project__code=code)
        )
    end = given.get("end", "")
    if end in ("draft", "open", "withdrawn"):
        rows = rows.filter(state=end)
    elif end == "overdue":
        rows = rows.filter(state="open", closes_at__lte=timezone.now())
    elif end in ("approved", "rejected", "lapsed"):
        rows = rows.filter(outcome=end)
    elif end == "unmet":
        rows = rows.filter(terms__state="unmet").distinct()
    local = zone(program.time_zone)
    for name, lookup in (("from", "proposed_at__date__gte"), ("to", "proposed_at__date__lte")):
        try:
            day = parse_date(given.get(name, ""))
        except ValueError:
            day = None
        if day is not None:
            with timezone.override(local):
                rows = rows.filter(**{lookup: day})
    return rows


@page(Permission.VIEW_PROGRAM)
def log(request: HttpRequest, program: Program) -> HttpResponse:
    """Every decision, the newest first; `?kind= body= project= end= from= to=` narrow, and so does the file."""
    base = reverse("governance:decisions", kwargs={"code": program.code})
    now = timezone.now()
    sees_money = request.access.may(Permission.VIEW_MONEY, program.pk)  # type: ignore[attr-defined]
    rows = _narrowed(
        selectors.decisions(program.pk)
        .select_related(
            "body", "rule", "requested_by", "record", "superseded_by", "capital_request", "budget",
            "change_request", "waiver", "gate", "risk_acceptance__risk",
        )
        .defer(
            "figures", "figures_canonical", "record__canonical", "superseded_by__figures",
            "superseded_by__figures_canonical",
        )
        .annotate(
            conditions_given=Count("terms", distinct=True),
            conditions_met=Count("terms", filter=Q(terms__state="met"), distinct=True),
        ),
        request.GET,
        program,
    )  # fmt: skip
    delay = cost_of_delay(program, local_day(program.pk, now)) if sees_money else None
    table = Register(
        name=f"{program.code}-decisions",
        rows=rows,
        search=("title", "question", "rationale", "conditions"),
        columns=_columns(program, base, now, delay),
        empty={
            "title": "No decision fits",
            "text": "Every decision stands here from its proposal on; what was decided is sealed.",
        },
    )
    context = {
        "program": program,
        "heading": "Decision log",
        "subtitle": _subtitle(program, delay),
        "choices": _choices(request, program),
        "crumbs": crumbs(program, ("Decisions", base), ("Log", "")),
        "no_clock": True,
    }
    return table.respond(request, "governance/decisions/log.html", context)


def _choices(request: HttpRequest, program: Program) -> list[dict[str, Any]]:
    """The filters with what is chosen in each."""
    bodies = Body.objects.filter(program=program).order_by("code").values_list("code", "name")
    projects = Project.objects.filter(program=program).order_by("code").values_list("code", "name")
    lists = (
        ("end", "State", ENDS),
        ("kind", "About", SubjectKind.choices),
        ("body", "Body", bodies),
        ("project", "Project", [(code, f"{code} {name}") for code, name in projects]),
    )
    return [
        {"name": name, "label": label, "options": list(options), "chosen": request.GET.get(name, "")[:30]}
        for name, label, options in lists
    ]


def _subtitle(program: Program, delay: CostOfDelay | None) -> str:
    if delay is None or delay.per_day_minor is None:
        return "Days from the proposal to the end"
    day = formats.money_text(delay.per_day_minor, program.currency)
    return f"Days from the proposal to the end; a day's delay of a critical project costs {day}: its people, so far"


def _columns(program: Program, base: str, now: Any, delay: CostOfDelay | None) -> list[Column]:
    def end(one: Decision) -> str:
        again = getattr(one, "superseded_by", None)
        if again is not None:
            return f"{_end(one)}, {'superseded by' if again.state == 'decided' else 'asked anew in'} {again.code}"
        return _end(one)

    def _end(one: Decision) -> str:
        if one.chosen:
            return f"Option {one.chosen}"
        return str(one.get_outcome_display() or one.get_state_display())

    def terms(one: Any) -> str:
        return (
            f"{one.conditions_met} of {one.conditions_given} met" if one.conditions_given else formats.UNKNOWN
        )

    def cost(one: Decision) -> str:
        minor = delay.of(one, now) if delay else None
        return formats.UNKNOWN if minor is None else formats.money_text(minor, one.currency)

    def plain_cost(one: Decision) -> str:
        minor = delay.of(one, now) if delay else None
        return "" if minor is None else format_plain(minor, one.currency)

    columns = [
        Column("Decision", lambda d: f"{d.code} {d.title}", "number", href=lambda d: f"{base}{d.number}/"),
        Column("About", lambda d: d.get_subject_kind_display(), "subject_kind"),
        Column("Body", lambda d: d.body.name, "body__name"),
        Column("End", end, "outcome"),
        Column("Conditions", terms),
        Column(
            "Proposed",
            lambda d: formats.day(d.proposed_at),
            "proposed_at",
            num=True,
            plain=lambda d: d.proposed_at,
        ),
        Column(
            "Ended", lambda d: formats.day(d.decided_at), "decided_at", num=True, plain=lambda d: d.decided_at
        ),
        Column("Days", lambda d: days_waited(d.proposed_at, d.decided_at, now), num=True),
    ]
    if delay is not None:
        columns.append(Column("Cost of delay", cost, num=True, plain=plain_cost))
    return columns
