"""The benefits map: what contributes to which benefit, drawn and as a table; saying so, and taking it back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, is_fragment, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.benefits import selectors, services
from programs.benefits.drawing import Node, benefits_map
from programs.benefits.forms import ContributionForm, objectives
from programs.benefits.models import Contribution
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Objective, Program


def home_of(program: Program) -> str:
    """Where the map of a program is."""
    return reverse("programs:benefits-map", kwargs={"code": program.code})


@page(Permission.VIEW_PROGRAM)
def benefits_page(request: HttpRequest, program: Program) -> HttpResponse:
    """Contributions drawn and listed; benefits without a contributor are named."""
    may = request.access.may(Permission.EDIT_PROGRAM, program.pk)  # type: ignore[attr-defined]
    base = home_of(program)

    def who(one: Contribution) -> str:
        found = selectors.contributor(one)
        return f"{found.code} {found.name}"

    register = Register(
        name=f"{program.code}-benefits-map",
        rows=selectors.contributions(program.pk),
        search=("objective__code", "objective__name", "project__code", "deliverable__code", "how"),
        columns=[
            Column(
                "Benefit",
                lambda c: f"{c.objective.code} {c.objective.name}",
                "objective__code",
                href=lambda c: reverse(
                    "programs:benefit", kwargs={"code": program.code, "pk": c.objective_id}
                ),
            ),
            Column("Contributes", who, href=(lambda c: f"{base}{c.pk}/how/") if may else None),
            Column("Project", lambda c: selectors.contributor(c).project_code),
            Column("How", lambda c: c.how),
            Column("Counts", lambda c: selectors.counts(c)),
        ],
        empty={
            "title": "Nothing is linked to a benefit yet",
            "text": "Say which projects and deliverables contribute to a benefit: who takes one away then reads which "
            "benefit loses its last contributor.",
        },
    )
    context: dict[str, Any] = {
        "program": program,
        "crumbs": crumbs(
            program, ("Benefits", reverse("programs:benefits", kwargs={"code": program.code})), ("Map", "")
        ),
        "no_clock": True,
    }
    if not is_fragment(request) and not request.GET.get("format"):
        known = list(objectives(program))
        context |= _drawn(program, known, list(selectors.contributions(program.pk)[: selectors.MOST_DRAWN]))
        context["links"] = [
            {
                "name": f"{one.code} {one.name}",
                "href": reverse("programs:benefit-link", kwargs={"code": program.code, "pk": one.pk}),
            }
            for one in known
            if may
        ]
    return register.respond(request, "programs/benefits/map.html", context)


def _value(value: Decimal | None) -> str:
    """A measure's value: `11`, `2.5`, with no decimal that says nothing."""
    return formats.number(value, 0 if value is None or value == value.to_integral_value() else 1)


def _drawn(program: Program, known: list[Objective], rows: list[Contribution]) -> dict[str, Any]:
    left: dict[tuple[str, int], Node] = {}
    places: dict[tuple[str, int], int] = {}
    lines, fed = [], set()
    right_at = {one.pk: n for n, one in enumerate(known)}
    for one in rows:
        if one.objective_id not in right_at:
            continue  # retired: in the table only
        found = selectors.contributor(one)
        if found.key not in left:
            places[found.key] = len(left)
            left[found.key] = Node(
                f"{found.code} {found.name}",
                found.key[0] if found.key[0] == "project" else f"deliverable of {found.project_code}",
                reverse(
                    "programs:project", kwargs={"code": program.code, "project_code": found.project_code}
                ),
                pale=not found.alive,
            )
        lines.append((places[found.key], right_at[one.objective_id]))
        if found.alive:
            fed.add(one.objective_id)
    bare = [one for one in known if one.pk not in fed]
    right = [
        Node(
            f"{one.code} {one.name}",
            f"{_value(one.baseline_value)} to {_value(one.target_value)} {one.unit} by "
            f"{formats.day(one.target_on)}",
            reverse("programs:benefit", kwargs={"code": program.code, "pk": one.pk}),
            pale=one.pk not in fed,
        )
        for one in known
    ]
    words = f"{formats.counted(len(left), 'contributor', 'contributors')} of {len(known)} benefits"
    drawing = benefits_map(list(left.values()), right, lines, description=words) if known else ""
    return {"drawing": drawing, "bare": selectors.in_words(bare)}


def _form(request: HttpRequest, program: Program, context: dict[str, Any], status: int = 200) -> HttpResponse:
    given = {
        "program": program,
        "action": request.get_full_path(),
        "cancel": home_of(program),
        "crumbs": crumbs(program, ("Benefits map", home_of(program)), (context["heading"], "")),
        "no_clock": True,
    }
    return render(request, "programs/benefits/form.html", given | context, status=status)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def link(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Say that something contributes to a benefit."""
    with reading(request):
        found = objectives(program).filter(pk=pk).first()
        if found is None:
            raise Http404("No such benefit.")
        form = ContributionForm(program, request.POST or None, initial={"version": found.version})
        context = {"heading": f"What contributes to {found.code}", "form": form}
        if request.method == "GET" or not form.is_valid():
            return _form(request, program, context, 200 if request.method == "GET" else 422)
        values = form.values()
    try:
        act(request, services.link, objective=found, **values)
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _form(request, program, context, refusal.status)
    else:
        messages.success(request, f"It contributes to {found.code}.")
    return redirect(home_of(program))


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def end(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take a contribution away, after saying which benefit loses its last contributor."""

    def asked(found: Contribution, refused: str = "", status: int = 200) -> HttpResponse:
        lost = selectors.losing(program.pk, links=[found.pk])
        who = selectors.contributor(found)
        context = {
            "heading": f"{who.code} no longer contributes to {found.objective.code}",
            "lost": selectors.in_words(lost),
            "seal": selectors.seal(lost),
            "how": found.how,
            "refused": refused,
        }
        return _form(request, program, context, status)

    with reading(request):
        found = selectors.contributions(program.pk).filter(pk=pk).first()
        if found is None:
            raise Http404("No such contribution.")
        if request.method == "GET":
            return asked(found)
    try:
        act(request, services.unlink, contribution=found, lost=request.POST.get("lost", "")[:4000])
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return asked(found, refusal.message, refusal.status)
    else:
        messages.success(request, "It contributes no longer.")
    return redirect(home_of(program))
