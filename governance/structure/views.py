"""The structure of governance: who sits where, who answers after whom, who may decide what."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from governance.authority.models import AuthorityRule
from governance.bodies import standing
from governance.bodies.models import Body, Seat
from governance.decisions.opening import local_day
from governance.escalations.models import LadderStep
from governance.structure.chart import Box, structure
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM)
def chart(request: HttpRequest, program: Program) -> HttpResponse:
    """The bodies as a drawing, from the first asked to the last, and every seat in term as a table and a file."""
    base = reverse("governance:bodies", kwargs={"code": program.code})
    today = local_day(program.pk, timezone.now())
    bodies = list(Body.objects.filter(program=program).order_by("code"))
    rows = Seat.objects.filter(program=program, term__contains=today).select_related("person", "body")
    people: dict[int, list[str]] = {}
    for seat in sorted(rows, key=lambda one: (one.role != Seat.Role.CHAIR, not one.voting, one.pk)):
        role = "" if seat.role == Seat.Role.MEMBER else f", {seat.get_role_display().lower()}"
        people.setdefault(seat.body_id, []).append(f"{seat.person.name}{role}")
    steps = list(
        LadderStep.objects.filter(program=program).order_by("position").values_list("body_id", "days")
    )
    kinds: dict[int, list[str]] = {}
    for rule in AuthorityRule.objects.filter(program=program, valid__contains=today).order_by("subject_kind"):
        said = rule.get_subject_kind_display().lower()
        if said not in kinds.setdefault(rule.body_id, []):
            kinds[rule.body_id].append(said)
    names = {body.pk: body.name for body in bodies}
    days = dict(steps)
    after = {body: steps[place + 1][0] for place, (body, _) in enumerate(steps[:-1])}

    def box(body: Body) -> Box:
        about = f"quorum {body.quorum_words}"
        if body.pk in days:
            about += f" · answers within {formats.counted(days[body.pk], 'day', 'days')}"
        return Box(body.name, about, tuple(people.get(body.pk, ())), f"{base}#{body.code}")

    by_id = {body.pk: body for body in bodies}
    stands_in = standing.in_words(program.pk, today)
    drawing = structure(
        [box(by_id[body]) for body, _ in steps],
        [box(body) for body in bodies if body.pk not in days],
        description="; then ".join(names[body] for body, _ in steps) or "No ladder of escalation is set.",
    )
    table = Register(
        name=f"{program.code}-structure",
        rows=rows.order_by("body__code", "pk"),
        search=("person__name", "body__name", "title"),
        columns=[
            Column("Person", lambda s: s.person.name, "person__name"),
            Column("Outside", lambda s: s.title or formats.UNKNOWN, "title"),
            Column("Body", lambda s: s.body.name, "body__name", href=lambda s: f"{base}#{s.body.code}"),
            Column("Role", lambda s: s.get_role_display(), "role"),
            Column("Votes", lambda s: "yes" if s.voting else "no", "voting"),
            Column("Stands in", lambda s: stands_in.get(s.pk, formats.UNKNOWN)),
            Column("Goes up to", lambda s: names.get(after.get(s.body_id, 0), formats.UNKNOWN)),
            Column("Decides on", lambda s: ", ".join(kinds.get(s.body_id, ())) or formats.UNKNOWN),
        ],
        empty={
            "title": "Nobody holds a seat today",
            "text": "A body is founded with its charter; seats are given for a term.",
            "url": base,
            "label": "To the bodies",
        },
    )
    context = {
        "program": program,
        "heading": "Governance structure",
        "subtitle": f"{formats.counted(len(bodies), 'body', 'bodies')}; what is not answered goes one up",
        "drawing": drawing if bodies else "",
        "crumbs": crumbs(program, ("Bodies", base), ("Structure", "")),
        "no_clock": True,
    }
    return table.respond(request, "governance/structure/structure.html", context)
