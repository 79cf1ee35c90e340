"""The API of the master plan: activities with their dates, read and edited."""

from __future__ import annotations

from typing import Any

from django.db.models import FilteredRelation, Q
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.baselines.models import BaselineActivity
from programs.master_plan import cause_words, detail, listing
from programs.master_plan import services as mindful
from programs.master_plan.answers import (
    InterfaceRow,
    MilestoneRow,
    WhyRow,
    WouldMoveRow,
    milestone_row,
    why_row,
)
from programs.master_plan.causes import causes
from programs.master_plan.float_chain_answers import (
    PATH_NAMES,
    PATHS,
    PathsRow,
    paths_asked,
    paths_row,
)
from programs.master_plan.float_chains import paths_to
from programs.master_plan.interfaces import interfaces
from programs.master_plan.link_api import AGREED, agreed_in, would_answer
from programs.master_plan.milestones import trends
from programs.master_plan.network import network
from programs.master_plan.network_answers import NAMES, PARAMETERS, NetworkDiagram, network_row, window_asked
from programs.master_plan.serializers import ActivityChanges, ActivityDetail, ActivityRow, NewActivity
from programs.schedule import services
from programs.schedule.api import KNOWN
from programs.schedule.models import Activity, ComputedDates, Dependency
from programs.schedule.usual import day_minutes

VERSION = OpenApiParameter(
    "version",
    {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    description="The version that was seen: 409 if it changed meanwhile.",
)


def _named(rows: Any, words: str) -> Any:
    return rows.filter(Q(code__icontains=words) | Q(name__icontains=words))


class ActivityFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    kind = filters.Choice(choices=Activity.Kind.choices)
    code = filters.Words(lookup_expr="iexact")
    critical = filters.YesNo(field_name="now__critical")
    parent = filters.Whole(field_name="parent_id")
    q = filters.Custom(_named, label="Words in code or name.")


@extend_schema_view(
    list=extend_schema(parameters=[KNOWN]),
    retrieve=extend_schema(parameters=[KNOWN], responses={200: ActivityDetail}),
)
class Activities(ProgramViewSet):
    """Activities of the program with their computed dates."""

    tag = "plan"
    queryset = Activity.objects.all()
    serializer_class = ActivityRow
    filterset_class = ActivityFilters
    query_parameters = frozenset({"known"})
    write_parameters = frozenset({"version", "agreed"})

    def rows(self, rows: Any) -> Any:
        condition = listing.in_force(self.found, self.as_of(), "dates__")
        return rows.annotate(now=FilteredRelation("dates", condition=condition))

    def retrieve(self, request: Request, code: str, pk: str) -> Response:
        """One activity: its dates, why they are what they are, its links."""
        self.program(self.access, self.view_permission)
        self.there(pk)
        return Response(self._detail(int(pk)))

    @extend_schema(parameters=[KNOWN], responses={200: WhyRow}, filters=False)
    @action(detail=True, url_path="why", pagination_class=None)
    def why(self, request: Request, code: str, pk: str) -> Response:
        """Why its date is what it is: the chain of driving links back to the first cause."""
        program = self.program(self.access, self.view_permission)
        self.there(pk)
        found = causes(program, int(pk), computation_id=listing.known_by(program, self.as_of()))
        return Response(why_row(found, cause_words.sentences(program, found)))

    @extend_schema(parameters=PATHS, responses={200: PathsRow}, filters=False)
    @action(detail=True, pagination_class=None)
    def paths(self, request: Request, code: str, pk: str) -> Response:
        """The float paths that lead to it: what drives it, then the next ones by what they have to spare."""
        program = self.program(self.access, self.view_permission)
        self.there(pk)
        count, by = paths_asked(request)
        return Response(paths_row(paths_to(program, int(pk), count, by)))

    @extend_schema(parameters=[KNOWN], responses={200: MilestoneRow(many=True)}, filters=False)
    @action(detail=False, pagination_class=None)
    def milestones(self, request: Request, code: str) -> Response:
        """The milestones by their forecast, each with every forecast that moved it; at most the first 200."""
        program = self.program(self.access, self.view_permission)
        return Response([milestone_row(one) for one in trends(program, self.as_of())])

    @extend_schema(parameters=[KNOWN], responses={200: InterfaceRow(many=True)}, filters=False)
    @action(detail=False, pagination_class=None)
    def interfaces(self, request: Request, code: str) -> Response:
        """Links between activities of different projects, those that hold a date first; at most the first 200."""
        program = self.program(self.access, self.view_permission)
        return Response(InterfaceRow(interfaces(program, self.as_of()), many=True).data)

    def known_parameters(self) -> frozenset[str]:
        """Those of the network's window and of paths besides; paths are those of now."""
        named = {"network": NAMES, "paths": PATH_NAMES}.get(self.action or "", frozenset())
        known = super().known_parameters()
        return (known - {"known"} if self.action == "paths" else known) | named

    @extend_schema(parameters=PARAMETERS, responses={200: NetworkDiagram}, filters=False)
    @action(detail=False, pagination_class=None)
    def network(self, request: Request, code: str) -> Response:
        """Boxes and links of a window of the plan, laid out; at most 150 boxes, those that start first."""
        program = self.program(self.access, self.view_permission)
        window = window_asked(request)
        if window.around is not None:
            self.there(window.around)
        return Response(network_row(network(program, window)))

    @extend_schema(request=NewActivity, responses={201: ActivityDetail})
    def create(self, request: Request, code: str) -> Response:
        """Add an activity; the new dates are computed at once."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            given = self.accepted(NewActivity)
        project, before, agreed = given.pop("project"), given.pop("predecessor", None), given.pop("agreed")
        return self.answer(
            mindful.add_activity,
            self._shown,
            http_status=201,
            agreed=agreed,
            program=program,
            project_id=project.pk,
            values=given,
            after_id=before.pk if before else None,
        )

    @extend_schema(request=ActivityChanges, responses={200: ActivityDetail})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change some fields; the new dates are computed at once. 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.VIEW_PROGRAM)
            project = self.there(pk, "project_id")
            self.require_any(access, project, Permission.EDIT_PLAN, Permission.REPORT_PROGRESS)
            given = self.accepted(ActivityChanges)
        version, agreed = given.pop("version"), given.pop("agreed")
        return self.answer(
            mindful.edit_activity,
            self._shown,
            activity_id=int(pk),
            changes=given,
            version=version,
            agreed=agreed,
        )

    @extend_schema(request=ActivityChanges, responses={200: WouldMoveRow}, filters=False)
    @action(detail=True, methods=["post"], url_path="what-if", pagination_class=None)
    def what_if(self, request: Request, code: str, pk: str) -> Response:
        """What the same PATCH would move, without saving it. 409 if somebody changed the activity meanwhile."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_PROGRAM)
            project = self.there(pk, "project_id")
            self.require_any(access, project, Permission.EDIT_PLAN, Permission.REPORT_PROGRESS)
            given = self.accepted(ActivityChanges)
        version, _ = given.pop("version"), given.pop("agreed")
        return would_answer(
            self, services.edit_activity, program, activity_id=int(pk), changes=given, version=version
        )

    @extend_schema(parameters=[VERSION, AGREED], responses={204: None})
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """Take an activity out of the plan, where nothing of record hangs on it."""
        version, agreed = self.whole_parameter("version"), agreed_in(request)
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.there(pk)
        return self.answer(
            mindful.remove_activity,
            lambda _: None,
            http_status=204,
            agreed=agreed,
            activity_id=int(pk),
            version=version,
        )

    def _shown(self, outcome: services.Outcome) -> dict[str, Any]:
        return self._detail(outcome.activity.pk if outcome.activity else 0)

    def _detail(self, pk: int) -> dict[str, Any]:
        """One activity with reason, baseline and links: six queries."""
        row = self.one(pk)
        activity = Activity.objects.select_related("project__calendar", "calendar").get(pk=pk)
        dates = (
            ComputedDates.objects.filter(listing.in_force(self.found, self.as_of()), activity_id=pk)
            .order_by("-pk")
            .first()
        )
        before, _ = detail.links_of(activity, day_minutes(self.found, activity), row["driver_id"])
        base = BaselineActivity.objects.filter(activity_id=pk, baseline__is_current=True).first()
        ends = self._links(pk, row["driver_id"])
        return row | {
            "reason": detail.why(activity, dates, before),
            "baseline_start": base.starts_at if base else None,
            "baseline_finish": base.finishes_at if base else None,
            "predecessors": [end for incoming, end in ends if incoming],
            "successors": [end for incoming, end in ends if not incoming],
        }

    def _links(self, pk: int, driver_id: int | None) -> list[tuple[bool, dict[str, Any]]]:
        found = (
            Dependency.objects.filter(program_id=self.found.pk)
            .filter(Q(predecessor_id=pk) | Q(successor_id=pk))
            .order_by("pk")
            .select_related("predecessor__project", "successor__project")
        )
        listed = []
        for link in found:
            incoming = link.successor_id == pk
            other = link.predecessor if incoming else link.successor
            end = {
                "id": link.pk,
                "activity_id": other.pk,
                "activity": other.code,
                "project": other.project.code,
                "kind": link.kind,
                "lag": link.lag,
                "lag_unit": link.lag_unit,
                "drives": link.pk == driver_id,
            }
            listed.append((incoming, end))
        return listed
