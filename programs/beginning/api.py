"""The API of programs and their projects, with what begins and changes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from programs.beginning import removing, services
from programs.beginning import serializers as shapes
from programs.beginning.copying import Copied
from programs.portfolio import api as portfolio
from programs.portfolio.models import Program, Project
from programs.portfolio.serializers import ProgramRow, ProjectRow
from programs.portfolio.services import require_may_begin


class Programs(portfolio.Programs):
    """The programs in which the plan may be seen."""

    @extend_schema(request=shapes.NewProgram, responses={201: ProgramRow})
    def create(self, request: Request) -> Response:
        """Begin a program: blank, from a template, or as a copy of a plan. Needs a person present."""
        person: Any = request.user
        with self.reading():
            require_may_begin(person)
            given = self.accepted(shapes.NewProgram)
        return self.answer(services.begin, self._row, http_status=201, **given)

    def _row(self, begun: services.Begun) -> Any:
        rows = ProgramRow.of(Program.objects.filter(pk=begun.program.pk))
        return self.get_serializer(rows.get()).data


VERSION = OpenApiParameter(
    "version",
    {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    description="The version that was seen: 409 if it changed meanwhile.",
)


class Projects(portfolio.Projects):
    """The component projects of the program."""

    write_parameters = frozenset({"version"})

    @extend_schema(request=shapes.NewProject, responses={201: ProjectRow})
    def create(self, request: Request, code: str) -> Response:
        """Add a project, empty or with a template's plan."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(shapes.NewProject)
        return self.answer(
            services.add_project,
            lambda made: self.one(made.pk),
            http_status=201,
            program=program,
            template=given.pop("template", ""),
            values=given,
        )

    @extend_schema(request=shapes.ProjectChanges, responses={200: ProjectRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Rename it, say what it is for, who manages it, how it ranks; 409 if somebody changed it meanwhile."""
        found, given = self._asked(pk, shapes.ProjectChanges)
        version = given.pop("version")
        return self.answer(
            services.edit_project,
            lambda made: self.one(made.pk),
            why=given.pop("why", ""),
            project=found,
            version=version,
            changes=given,
        )

    @extend_schema(parameters=[VERSION], responses={204: None})
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """Remove an empty project; refused in words where anything is recorded of it."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            self.there(pk)
            found = Project.objects.select_related("program").get(pk=pk)
            version = self.whole_parameter("version")
        self.run(removing.remove_project, project=found, version=version)
        return Response(status=204)

    @extend_schema(request=shapes.ProjectMove, responses={200: ProjectRow})
    @action(detail=True, methods=["post"])
    def move(self, request: Request, code: str, pk: str) -> Response:
        """One place up or down in the list."""
        found, given = self._asked(pk, shapes.ProjectMove)
        return self.answer(
            services.move_project, lambda made: self.one(made.pk), project=found, up=given["to"] == "up"
        )

    @extend_schema(request=shapes.ProjectCopy, responses={201: shapes.ProjectCopied})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, code: str, pk: str) -> Response:
        """A copy of its plan with the links inside it."""
        found, given = self._asked(pk, shapes.ProjectCopy)

        def shape(made: tuple[Project, Copied]) -> dict[str, Any]:
            project, copied = made
            return {
                "project": self.one(project.pk),
                "activities": copied.activities,
                "links": copied.links,
                "links_left_out": copied.links_left,
                "allocations_left_out": copied.people_left,
            }

        return self.answer(services.copy_project, shape, http_status=201, project=found, **given)

    def _asked(self, pk: str, shape: Any) -> tuple[Project, dict[str, Any]]:
        """The project, and the body once it is clear that its sender may."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            self.there(pk)
            found = Project.objects.select_related("program").get(pk=pk)
            return found, self.accepted(shape)
