"""Schedule adherence activity by activity: what was planned by the earned date, and what was earned (page and API)."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Least
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from finance.earned_value import selectors
from finance.earned_value.models import EarnedValueRow, EarnedValueSnapshot
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet
from pmo.clocks import as_of
from pmo.http import page
from pmo.money import format_plain, round_half_even
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project


def _rows(snapshot: EarnedValueSnapshot) -> QuerySet[EarnedValueRow]:
    """Activities with something planned by the earned date or earned, in the order of the plan."""
    rows = selectors.behind(snapshot).exclude(pv_then=0, ev=0)
    chosen: QuerySet[EarnedValueRow] = (
        rows.annotate(in_order=Least("pv_then", "ev"))
        .annotate(ahead=F("ev") - F("in_order"), behind=F("pv_then") - F("in_order"))
        .select_related("activity")
        .order_by("activity__position", "pk")
    )
    return chosen


@page(Permission.VIEW_MONEY)
def adherence(request: HttpRequest, program: Program) -> HttpResponse:
    """One project (`?project=CODE`) at its latest status: the rows whose sums are the P-factor."""
    when = as_of(request, program)
    wanted = request.GET.get("project", "")[:30]
    mine = Project.objects.visible_to(request.user).filter(program_id=program.pk).order_by("position", "pk")
    project = mine.filter(code__iexact=wanted).first() if wanted else mine.first()
    run = selectors.newest_run(program, None if when.is_now else when.known)
    if wanted and project is None:
        raise Http404("No such project.")
    history = selectors.history(run, project, when.at) if run and project else []
    plan = reverse("programs:plan", kwargs={"code": program.code})
    currency = program.currency

    def money(label: str, name: str) -> Column:
        def minor(row: Any) -> int | None:
            value = getattr(row, name)
            return None if value is None else round_half_even(value)

        return Column(
            label,
            lambda row: formats.money_short(minor(row), currency),
            name,
            num=True,
            plain=lambda row: "" if (found := minor(row)) is None else format_plain(found, currency),
        )

    now = history[-1] if history else None
    register = Register(
        name=f"{program.code}-{project.code if project else ''}-adherence",
        rows=_rows(now.snapshot) if now else EarnedValueRow.objects.none(),
        search=("activity__code", "activity__name"),
        columns=[
            Column("Activity", lambda r: r.activity.code, "activity__code", href=lambda r: f"{plan}{r.activity_id}/"),
            Column("Name", lambda r: r.activity.name, "activity__name"),
            money("Planned by the earned date", "pv_then"),
            money("Earned", "ev"),
            money("In order", "in_order"),
            money("Earned ahead", "ahead"),
            money("Not earned", "behind"),
        ],
        empty={
            "title": "No rows here",
            "text": "They come with a baseline and a status date; computations before they were kept have none.",
            "url": reverse("finance:earned-value", kwargs={"code": program.code}),
            "label": "Earned value",
        },
    )  # fmt: skip
    kept = now.measures.get("p_factor") if now else None
    status = now.snapshot.at.astimezone(zone(program.time_zone)).date() if now else None
    said = (
        f"P {formats.index(now.value('p_factor'))} = {kept['worked']} · "
        if now and kept and kept["value"]
        else ""
    )
    context = {
        "program": program,
        "heading": f"Schedule adherence of {project.code}" if project else "Schedule adherence",
        "subtitle": f"{said}status date {formats.day(status)}" if status else "No status date yet",
        "crumbs": crumbs(
            program,
            ("Earned value", f"{reverse('finance:earned-value', kwargs={'code': program.code})}{when.query}"),
            ("Schedule adherence", ""),
        ),
    }
    return register.respond(request, "programs/register.html", context)


KNOWN = OpenApiParameter("known", str, description="Instant of knowledge: as was computed by then.")


class AdherenceRow(Row):
    """An activity at a status date of its project: minor units with four decimals.

    `pv_then` is what was planned by the instant whose planned value equals what was earned; null where it was computed
    before this was kept. The P-factor is the sum of the lesser of `pv_then` and `ev`, divided by the sum of `pv_then`.
    """

    id = serializers.IntegerField()
    project = serializers.CharField(source="snapshot__project__code")
    status_at = serializers.DateTimeField(source="snapshot__at")
    activity_id = serializers.IntegerField()
    activity = serializers.CharField(source="activity__code")
    bac = serializers.DecimalField(max_digits=22, decimal_places=4)
    pv = serializers.DecimalField(max_digits=22, decimal_places=4)
    ev = serializers.DecimalField(max_digits=22, decimal_places=4)
    ac = serializers.DecimalField(max_digits=22, decimal_places=4)
    pv_then = serializers.DecimalField(max_digits=22, decimal_places=4, allow_null=True)


class AdherenceFilters(filters.FilterSet):
    project = filters.Words(field_name="snapshot__project__code", lookup_expr="iexact")
    activity = filters.Whole(field_name="activity_id")


@extend_schema_view(list=extend_schema(parameters=[KNOWN]), retrieve=extend_schema(parameters=[KNOWN]))
class Adherence(ProgramViewSet):
    """What each activity earned at each status date, beside what was planned by the earned date.

    Of the newest computation, or with `known` of the newest one by that instant.
    """

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = EarnedValueRow.objects.all()
    serializer_class = AdherenceRow
    filterset_class = AdherenceFilters
    query_parameters = frozenset({"known"})

    def rows(self, rows: Any) -> Any:
        when = self.as_of()
        run = selectors.newest_run(self.found, None if when.is_now else when.known)
        if run is not None and when.is_now:
            return rows.filter(snapshot__run=run)
        return rows.filter(pk__in=selectors.behind_all(run).values("pk"))
