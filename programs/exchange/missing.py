"""Rows that came by an earlier import and are not in the file any more: what could go, what stays and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from programs.lives.services import CLOSED
from programs.portfolio.models import Program, Project

from . import missing_records, rows
from .gone import Gone
from .origin import Origin
from .rows import Key, Present, Row, Tables

HERE = "added here, and stays"


@dataclass(slots=True)
class Missing:
    """All of them, in the order of the plan."""

    rows: list[Gone] = field(default_factory=list)

    def projects(self) -> list[str]:
        """Codes of the projects that have any, in order."""
        return list(dict.fromkeys(one.project for one in self.rows))

    def going(self, chosen: Collection[str]) -> list[Gone]:
        """What goes where these projects are chosen: a link also where one of its ends goes."""
        acts = {one.key for one in self.rows if one.kind == rows.ACTIVITY}
        gone = {
            one.key
            for one in self.rows
            if one.kind == rows.ACTIVITY and one.project in chosen and not one.stays
        }
        return [one for one in self.rows if _goes(one, gone, acts, chosen)]


def _goes(one: Gone, gone: set[Key], acts: set[Key], chosen: Collection[str]) -> bool:
    if one.kind == rows.ACTIVITY:
        return one.key in gone
    ends = _ends(one)
    if any(end in gone for end in ends):
        return True
    return one.project in chosen and not one.stays and not any(end in acts for end in ends)


def _ends(one: Gone) -> list[Key]:
    return [one.key[:2], one.key[2:4]] if one.kind == rows.DEPENDENCY else [one.key[:2]]


def missing(
    tables: Tables, here: Present, origin: Origin, program: Program, covered: Collection[str]
) -> Missing:
    """Find them, with what hangs on each. Links must have followed their types already.

    `covered`: codes of the file's projects. No query where nothing is missing, else six.
    """
    came = origin.came
    candidates = {
        kind: {
            key: came[kind][pk]
            for key, pk in here.ids[kind].items()
            if pk in came[kind] and key not in tables[kind]
        }
        for kind in came
    }
    acts = candidates[rows.ACTIVITY]
    links = {
        key: by
        for key, by in candidates[rows.DEPENDENCY].items()
        if (key[0] in covered and key[2] in covered) or key[:2] in acts or key[2:4] in acts
    }
    found = [
        Gone(kind, key, here.ids[kind][key], _listed(kind, key, acts), by)
        for kind, some in (
            (rows.ACTIVITY, acts),
            (rows.DEPENDENCY, links),
            (rows.ASSIGNMENT, candidates[rows.ASSIGNMENT]),
        )
        for key, by in some.items()
    ]
    if found:
        missing_records.tell(found, here, program)
        _hold(found, tables, here, _closed(program))
    return Missing(found)


def _listed(kind: str, key: Key, acts: Collection[Key]) -> str:
    """A link is its successor's project's, or that of its predecessor where only that one is missing."""
    if kind == rows.DEPENDENCY and key[2:4] not in acts and key[:2] in acts:
        return str(key[0])
    return str(key[2] if kind == rows.DEPENDENCY else key[0])


def _closed(program: Program) -> set[str]:
    return set(
        Project.objects.filter(program_id=program.pk, state__in=CLOSED)
        .order_by()
        .values_list("code", flat=True)
    )


def _hold(found: list[Gone], tables: Tables, here: Present, closed: Collection[str]) -> None:
    """Say why what cannot go stays: records, closed projects, rows that people added, and what lies under a group."""
    listed = {(one.kind, one.key): one for one in found}
    acts = {one.key: one for one in found if one.kind == rows.ACTIVITY}
    for one in found:
        of = one.key[2] if one.kind == rows.DEPENDENCY else one.key[0]
        if of in closed:
            one.stays = f"{of} is closed: its plan stays as it is"
    for kind, spans in ((rows.DEPENDENCY, (slice(0, 2), slice(2, 4))), (rows.ASSIGNMENT, (slice(0, 2),))):
        for key, row in here.tables[kind].items():
            on = [acts[key[span]] for span in spans if key[span] in acts]
            if not on:
                continue
            link = listed.get((kind, key))
            why = ""
            if link is None:
                why = f"{rows.label(kind, key, row)} was {HERE}"
            elif link.stays:
                why = link.stays
            for activity in on:
                activity.stays = activity.stays or why
    _hold_groups(acts, here.tables[rows.ACTIVITY] | tables[rows.ACTIVITY])
    for one in found:
        if one.kind == rows.ASSIGNMENT and one.key[:2] in acts and acts[one.key[:2]].stays:
            one.stays = one.stays or f"{one.key[1]} stays, and who works on it"
        elif one.kind == rows.DEPENDENCY:
            ends = [acts[end] for end in _ends(one) if end in acts]
            if ends and all(end.stays for end in ends):
                one.stays = one.stays or f"{ends[0].key[1]} stays, and its links"


def _hold_groups(acts: dict[Key, Gone], table: dict[Key, Row]) -> None:
    """A group stays as long as anything stays under it: walk up from everything that does (`table`: as it will be)."""
    children: Iterable[Key] = (key for key, row in table.items() if row["parent"])
    todo = [key for key in children if key not in acts or acts[key].stays]
    while todo:
        key = todo.pop()
        parent = (key[0], table[key]["parent"])
        above = acts.get(parent)
        if above is not None and not above.stays:
            above.stays = f"{key[1]} stays under it" if key in acts else f"{key[1]} under it was {HERE}"
            if table[parent]["parent"]:
                todo.append(parent)
