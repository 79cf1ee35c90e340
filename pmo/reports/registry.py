"""Which reports there are. The apps to the right register theirs in `AppConfig.ready`; the office builds any.

    registry.register(
        kind="spend",
        title="Spend report",
        sentence="Budget, commitments, actuals and forecast by project and category.",
        build=build_spend,                      # (run, progress) -> Document
        permission=Permission.VIEW_MONEY,
    )

`build(run, progress)` is called by a worker inside one REPEATABLE READ, READ ONLY transaction whose row-security
scope is the run's program, with the office's own (system) access: `Model.objects.visible_to(user)` sees the whole
program, and nothing of another. It reads figures as of `run.as_of`, as known at `run.known` (both aware UTC), asks no
other clock, calls `progress("step in words", percent)` between steps (this is also where a cancellation takes effect)
and returns a `Document`. It writes nothing. Raise `Refused("sentence")` where the report cannot be built for a reason
that a person can understand: the run then fails with that sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pmo.accounts.roles import Permission
from pmo.refusals import Refused
from pmo.reports.document import Document, Progress
from pmo.reports.models import Artefact, ReportRun

Builder = Callable[[ReportRun, Progress], Document]


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A kind of report: its names, who may see it, how it is built, which files it comes as."""

    kind: str
    title: str
    sentence: str
    build: Builder
    permission: Permission
    formats: tuple[str, ...]
    attach: tuple[str, ...]


_kinds: dict[str, ReportKind] = {}


def register(
    *,
    kind: str,
    title: str,
    build: Builder,
    permission: Permission = Permission.VIEW_PROGRAM,
    sentence: str = "",
    formats: tuple[str, ...] = (Artefact.Format.PDF, Artefact.Format.XLSX),
    attach: tuple[str, ...] = (Artefact.Format.PDF,),
) -> ReportKind:
    """Add a kind of report (at most 24 letters); `attach` names the formats that go with its mail.

    A kind registered twice by different builders is a defect and raises ValueError.
    """
    if len(kind) > 24 or not kind.replace("_", "").replace("-", "").isalnum():
        raise ValueError(f"{kind!r} is not a short plain name")
    if not set(attach) <= set(formats):
        raise ValueError(f"{kind} attaches a file that it does not make")
    if kind in _kinds and _kinds[kind].build is not build:
        raise ValueError(f"the report {kind!r} is registered twice")
    _kinds[kind] = ReportKind(kind, title, sentence, build, permission, tuple(formats), tuple(attach))
    return _kinds[kind]


def get(kind: str) -> ReportKind:
    """The kind of that name. Raises Refused for a name nobody registered."""
    found = _kinds.get(kind)
    if found is None:
        raise Refused("There is no such report.", field="kind", code="unknown-report")
    return found


def kinds() -> list[ReportKind]:
    """Every kind, in the order of registration."""
    return list(_kinds.values())
