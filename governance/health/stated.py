"""Three ratings side by side: computed, the manager's, the independent assurance's, each with its age.

A stated rating counts up to its last day and is shown, grey, after it. Ages are in calendar days of the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from governance.health.models import StatedRating
from governance.health.rules import Rating
from governance.health.selectors import Figures, ProjectFigures, project_ratings, ratings
from governance.health.thresholds import limits_of
from pmo import formats
from pmo.zones import zone
from programs.portfolio.models import Program

Dimension, Voice = StatedRating.Dimension, StatedRating.Voice
STEPS = {"green": 0, "amber": 1, "red": 2}
APART = 2
"""Steps between two colours that are brought before the committee: green against red."""


@dataclass(frozen=True, slots=True)
class Word:
    """What one person said last of one dimension, as it stands on a day."""

    pk: int
    voice: str
    colour: str
    reason: str
    person: str
    age: int
    valid_until: date
    expired: bool

    @property
    def counts(self) -> str:
        """Its colour while it counts, else ""."""
        return "" if self.expired else self.colour

    @property
    def age_words(self) -> str:
        """`today`, `5 days old`, and that it ran out."""
        old = "today" if self.age <= 0 else f"{formats.counted(self.age, 'day', 'days')} old"
        return f"{old}, expired {formats.day_short(self.valid_until)}" if self.expired else old

    @property
    def short(self) -> str:
        """`amber (5 days old)`."""
        return f"{self.colour} ({self.age_words})"


Known = Mapping[tuple[int | None, str, str], Word]
"""(project or None for the program, dimension, voice) -> the last word."""


@dataclass(frozen=True, slots=True)
class Side:
    """One dimension of a program or project: the three ratings."""

    dimension: str
    computed: Rating
    manager: Word | None
    assurance: Word | None

    @property
    def label(self) -> str:
        return self.dimension.capitalize()

    @property
    def apart(self) -> str:
        """Which two that count lie two steps apart, in words; "" where none do."""
        colours = [
            ("computed", self.computed.colour),
            ("the manager's", self.manager.counts if self.manager else ""),
            ("independent assurance's", self.assurance.counts if self.assurance else ""),
        ]
        given = [(name, colour) for name, colour in colours if colour]
        if not given or max(STEPS[c] for _, c in given) - min(STEPS[c] for _, c in given) < APART:
            return ""
        return ", ".join(f"{name} {colour}" for name, colour in given)

    @property
    def words(self) -> str:
        """`Manager's: amber (5 days old) · assurance's: red (today)`, or ""."""
        said = [
            f"{name}: {word.short}"
            for name, word in (("Manager's", self.manager), ("assurance's", self.assurance))
            if word is not None
        ]
        return " · ".join(said)


def history(program_id: int) -> QuerySet[StatedRating]:
    """Every rating that was ever stated in a program, the newest first."""
    rows: QuerySet[StatedRating] = StatedRating.objects.filter(program_id=program_id)
    return rows.select_related("project", "person").order_by("-at", "-pk")


def known(program: Program, *, at: datetime, day: date) -> dict[tuple[int | None, str, str], Word]:
    """The last word of each voice on each dimension, said by `at` and seen on `day`; one statement."""
    rows = (
        StatedRating.objects.filter(program=program, at__lte=at)
        .order_by("project_id", "dimension", "voice", "-at", "-pk")
        .distinct("project_id", "dimension", "voice")
    )
    return _words(
        program,
        day,
        rows.values_list(
            "pk", "project_id", "dimension", "voice", "colour", "reason", "person__name", "at", "valid_until"
        ),
    )


def _words(program: Program, day: date, rows: Iterable[Any]) -> dict[tuple[int | None, str, str], Word]:
    local = zone(program.time_zone)
    return {
        (project, dimension, voice): Word(
            pk, voice, colour, reason, person, (day - at.astimezone(local).date()).days, until, until < day
        )
        for pk, project, dimension, voice, colour, reason, person, at, until in rows
    }


def of(figures: Figures) -> dict[tuple[int | None, str, str], Word]:
    """The same as of the clocks of the figures, which were read with them; no statement."""
    rows = (
        (*said, datetime.fromisoformat(at), date.fromisoformat(until)) for *said, at, until in figures.words
    )
    return _words(figures.program, figures.day, rows)


def worst(rated: Iterable[Rating]) -> Rating:
    """The overall colour: the worst of the dimensions that are rated; the sentence says how many those are."""
    rated = list(rated)
    given = [one for one in rated if one.colour]
    if not given:
        return Rating("overall", "", "No dimension is rated.", "the worst of the rated dimensions")
    colour = max((one.colour for one in given), key=lambda name: STEPS[name])
    named = ", ".join(one.dimension for one in given if one.colour == colour)
    sentence = f"{colour.capitalize()}: {named}; {len(given)} of {len(rated)} rated"
    return Rating("overall", colour, sentence, "the worst of the rated dimensions")


def sides(figures: Figures, said: Known, project: ProjectFigures | None = None) -> list[Side]:
    """All dimensions of the program, or of one of its projects, overall first; no statement."""
    rated: list[Rating]
    if project is None:
        rated = ratings(figures)
    else:
        rated = list(project_ratings(project, figures, limits_of(figures.program.thresholds)))
    computed = {one.dimension: one for one in [worst(rated), *rated]}
    pk = None if project is None else project.pk
    return [
        Side(
            name,
            computed.get(name) or Rating(name, "", "Not computed for a project.", ""),
            said.get((pk, name, Voice.MANAGER)),
            said.get((pk, name, Voice.ASSURANCE)),
        )
        for name in Dimension.values
    ]


def everything(figures: Figures, said: Known) -> list[tuple[str, Side]]:
    """The program and then each project (its code; "" for the program) with each of its dimensions."""
    found = [("", side) for side in sides(figures, said)]
    for one in figures.projects:
        found += [(one.code, side) for side in sides(figures, said, one)]
    return found


def differences(figures: Figures, said: Known) -> list[str]:
    """Where two ratings lie two steps apart: `ERP-FIN cost: computed red, the manager's green`."""
    return [
        f"{code or 'Program'} {side.dimension}: {side.apart}"
        for code, side in everything(figures, said)
        if side.apart
    ]


def project_of(figures: Figures, code: str) -> ProjectFigures | None:
    """The project of a code, in any case of letters."""
    wanted = code.casefold()
    return next((one for one in figures.projects if one.code.casefold() == wanted), None)


def seen(rows: Any) -> int:
    """The newest word among these rows, as forms carry it: 0 where nobody said anything."""
    return int(rows.order_by("-pk").values_list("pk", flat=True).first() or 0)
