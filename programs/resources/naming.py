"""What resources are called in one program's plan: the words that name each, and the nearest where none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pmo.refusals import Refused
from programs.portfolio.models import Program
from programs.resources import wording
from programs.resources.models import Resource

NEAREST = 3
LOOKS = 5
"""For so many unknown words of one batch the nearest names are looked for: each look goes through all names."""


@dataclass(frozen=True, slots=True)
class Named:
    """A resource as far as its name goes; `project_id` None: it is the whole program's."""

    pk: int
    code: str
    name: str
    project_id: int | None
    project: str
    retired: bool = False


class Names:
    """Names and codes of a program's resources. Letters count without case. One query when it is made.

    A word is read as a code of the activity's own project, of the program, then as a name there, then as a code or
    name of any other project that has it alone. `PROJECT/CODE` and `/CODE` (the program's) say which.
    """

    def __init__(self, program: Program) -> None:
        rows = Resource.objects.filter(program_id=program.pk).order_by("code", "pk")
        self.all = [
            Named(pk, code, name, project_id, project or "", retired_at is not None)
            for pk, code, name, project_id, project, retired_at in rows.values_list(
                "pk", "code", "name", "project_id", "project__code", "retired_at"
            )
        ]
        self.by_pk = {one.pk: one for one in self.all}
        self._missed: dict[tuple[str, int], list[str]] = {}
        self._codes: dict[str, list[Named]] = {}
        self._names: dict[str, list[Named]] = {}
        for one in self.all:
            self._codes.setdefault(one.code.casefold(), []).append(one)
            self._names.setdefault(one.name.casefold(), []).append(one)

    def label(self, pk: int, project_id: int) -> str:
        """How a resource is written at an activity of a project: what is shown is what may be typed."""
        one = self.by_pk[pk]
        for words in (one.name if wording.sayable(one.name) else "", one.code):
            if words and self._meant(words, project_id) == [one]:
                return words
        return f"{one.project}/{one.code}"

    def find(self, words: str, project_id: int) -> Named:
        """The resource that words name at an activity of a project. Raises Refused at `resources`."""
        found = self._meant(words, project_id)
        if len(found) == 1:
            return found[0]
        said = words[:60]
        if found:
            codes = ", ".join(f"{one.project}/{one.code}" for one in found[:NEAREST])
            raise Refused(f"“{said}” may be several: write {codes}.", field="resources")
        if not self.all:
            raise Refused("This program has no resources yet.", field="resources")
        miss = (words.strip().casefold(), project_id)
        if miss not in self._missed and len(self._missed) < LOOKS:
            self._missed[miss] = self.near(words, project_id)
        near = self._missed.get(miss, [])
        more = f" Nearest: {', '.join(near)}." if near else ""
        raise Refused(f"There is no resource “{said}”.{more}", field="resources")

    def near(self, words: str, project_id: int) -> list[str]:
        """The labels most like these words."""
        wanted = words.rpartition("/")[2].strip().casefold()
        keys = {
            **{one: rows[0] for one, rows in self._codes.items()},
            **{n: r[0] for n, r in self._names.items()},
        }
        parts = {part: rows[0] for name, rows in self._names.items() for part in name.split() if part != name}
        found = get_close_matches(wanted[:80], [*keys, *parts], n=2 * NEAREST, cutoff=0.6)
        labels = [self.label((keys.get(one) or parts[one]).pk, project_id) for one in found]
        return list(dict.fromkeys(labels))[:NEAREST]

    def offers(self, words: str, project_id: int, most: int) -> list[tuple[str, str]]:
        """Labels that fit what is typed so far, those that begin so first, each with what else is known of it."""
        wanted = words.strip().casefold()

        def place(one: Named) -> tuple[int, str, int] | None:
            name, code = one.name.casefold(), one.code.casefold()
            if name.startswith(wanted) or code.startswith(wanted):
                rank = 0
            elif any(part.startswith(wanted) for part in name.split()):
                rank = 1
            elif wanted in name or wanted in code:
                rank = 2
            else:
                return None
            return (rank + 3 * (one.project_id not in (None, project_id)), name, one.pk)

        there = (one for one in self.all if not one.retired)
        ranked = sorted((at, one) for one in there if (at := place(one)) is not None)[:most]
        return [
            (self.label(one.pk, project_id), f"{one.code} · {one.project or 'Program'}") for _, one in ranked
        ]

    def _meant(self, words: str, project_id: int) -> list[Named]:
        wanted = " ".join(words.split()).casefold()
        project, slash, code = wanted.rpartition("/")
        if slash:
            return [
                one for one in self._codes.get(code.strip(), []) if one.project.casefold() == project.strip()
            ]
        for own in (True, False):
            for table in (self._codes, self._names):
                there = table.get(wanted, [])
                tiers: Sequence[list[Any]] = (
                    [
                        [one for one in there if one.project_id == project_id],
                        [one for one in there if one.project_id is None],
                    ]
                    if own
                    else [there]
                )
                for tier in tiers:
                    if tier:
                        return tier
        return []
