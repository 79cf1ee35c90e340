"""What edits of scope do: deliverables and requirements before and after, and benefits without contributor.

The figures are made again where they are relied on: another due day, an acceptance, a contribution that ended
meanwhile, and they are not those that were shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q

from pmo import formats
from pmo.refusals import Conflict
from pmo.warrants import Warrant
from programs.benefits.models import Contribution
from programs.benefits.selectors import losing
from programs.changes.scope import Edit, of_scope
from programs.deliverables import services
from programs.deliverables.models import Deliverable, Requirement
from programs.portfolio.models import Program

STALE = (
    "Deliverables, their requirements or what contributes to benefits are not those that the figures were computed on: "
    "compute them again."
)


def measured(program: Program, edits: Sequence[Edit]) -> dict[str, Any]:
    """What the edits of scope do, under `scope`; nothing where there is none. Two queries, whatever the number."""
    asked = of_scope(edits)
    if not asked:
        return {}
    pending = Q(requirements__accepted_on=None, requirements__isnull=False)
    rows = {
        row[0]: row[1:]
        for row in Deliverable.objects.filter(program_id=program.pk)
        .annotate(
            asks=Count("requirements", filter=pending),
            with_it=Count("requirements", filter=pending & Q(requirements__due_on=F("due_on"))),
            accepted=Count("requirements", filter=Q(requirements__accepted_on__isnull=False)),
        )
        .values_list("pk", "code", "name", "due_on", "withdrawn_at", "asks", "with_it", "accepted")
    }
    alive = [row for row in rows.values() if row[3] is None]
    held = sum(row[4] + row[6] for row in alive)
    gone = [one["deliverable"] for one in asked if one["do"] == "withdraw"]
    lines = [_line(one, rows) for one in asked]
    new = sum(one["kind"] == "new" for one in lines)
    lost = losing(program.pk, deliverables=gone) if gone else []
    return {
        "scope": {
            "lines": lines,
            "deliverables": [len(alive), len(alive) + new - len(gone)],
            "requirements": [
                held,
                held
                + sum(one.get("added", 0) - one.get("open", 0) - one.get("accepted", 0) for one in lines),
            ],
            "benefits": [f"{one.code} {one.name}" for one in lost],
            "taken": sorted(
                {row[0] for row in rows.values()}
                & {one["to"]["code"] for one in asked if one["do"] == "deliver"}
            ),
        }
    }


def _line(one: Edit, rows: Mapping[int, tuple[Any, ...]]) -> dict[str, Any]:
    added = len(one.get("to", {}).get("requirements", []))
    if one["do"] == "deliver":
        return {"kind": "new", "label": one["label"], "due_on": one["to"]["due_on"], "added": added}
    code, name, due_on, withdrawn_at, pending, with_it, accepted = rows[one["deliverable"]]
    found = {
        "label": f"{one['label'].partition('/')[0]}/{code} {name}",
        "was": due_on.isoformat(),
        "withdrawn": withdrawn_at is not None,
    }
    if one["do"] == "withdraw":
        return {"kind": "withdrawn", **found, "open": pending, "accepted": accepted}
    moved = with_it if "due_on" in one["to"] else 0
    return {
        "kind": "changed",
        **found,
        "due_on": one["to"].get("due_on", found["was"]),
        "name": one["to"].get("name", name),
        "added": added,
        "moved": moved,
    }


def why_not(program: Program, edits: Sequence[Edit], shown: Mapping[str, Any]) -> str:
    """Why the figures of scope no longer hold ("" where they do)."""
    found = measured(program, edits)
    return STALE if found.get("scope") != shown.get("scope") else ""


def rows(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    """Label, before, after, difference and colour of each row of the table before and after."""
    told = found.get("scope")
    if told is None:
        return
    lines = told["lines"]

    def total(name: str) -> int:
        return sum(one.get(name, 0) for one in lines)

    def words(*parts: tuple[int, str]) -> str:
        return ", ".join(f"{formats.number(n)} {what}" for n, what in parts if n) or "the same"

    kinds = [one["kind"] for one in lines]
    before, after = told["deliverables"]
    out = kinds.count("withdrawn")
    said = words((kinds.count("new"), "added"), (kinds.count("changed"), "changed"), (out, "withdrawn"))
    yield "Deliverables", formats.number(before), formats.number(after), said, "amber" if out else ""
    before, after = told["requirements"]
    away = total("open") + total("accepted")
    said = words((total("added"), "added"), (total("moved"), "moved"), (away, "withdrawn"))
    yield "Requirements", formats.number(before), formats.number(after), said, "amber" if away else ""
    for one in lines:
        yield _row(one)
    for benefit in told["benefits"]:
        yield f"Benefit {benefit}", "has a contributor", "has none", "loses its last contributor", "red"


def _row(one: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    def due(text: str) -> str:
        return f"due {formats.day(date.fromisoformat(text))}"

    if one["kind"] == "withdrawn":
        parts = [f"{formats.counted(one['open'], 'open requirement', 'open requirements')} with it"]
        parts += [f"{formats.number(one['accepted'])} accepted"] if one["accepted"] else []
        return one["label"], due(one["was"]), "withdrawn", ", ".join(parts), "amber"
    more = formats.counted(one["added"], "requirement", "requirements")
    if one["kind"] == "new":
        return one["label"], formats.UNKNOWN, due(one["due_on"]), f"with {more}", ""
    days = (date.fromisoformat(one["due_on"]) - date.fromisoformat(one["was"])).days
    parts = [formats.delta_days(days)] if days else []
    parts += [f"{more} added"] if one["added"] else []
    parts += (
        [f"{formats.counted(one['moved'], 'requirement moves', 'requirements move')}"] if one["moved"] else []
    )
    after = (
        due(one["due_on"])
        if one["label"].endswith(f" {one['name']}")
        else f"{one['name']}, {due(one['due_on'])}"
    )
    return (
        one["label"],
        due(one["was"]),
        after,
        ", ".join(parts) or "another name",
        "amber" if days > 0 else "",
    )


def apply(
    program: Program,
    edits: Sequence[Edit],
    shown: Mapping[str, Any],
    warrant: Warrant | None,
    *,
    at: datetime,
) -> None:
    """Write the edits of scope, or raise Conflict where they would do anything else than was shown.

    The caller holds the program's row and has checked the edits and the warrant. Open requirements that are due with
    their deliverable move with it; those of one that is withdrawn stay as they are and count no more.
    """
    asked = of_scope(edits)
    if not asked:
        return
    ids = [one["deliverable"] for one in asked if "deliverable" in one]
    there = {
        one.pk: one
        for one in Deliverable.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    }
    # neither an acceptance nor the end of a contribution comes between the figures and what they are about
    list(Requirement.objects.select_for_update(of=("self",)).filter(deliverable_id__in=ids).order_by("pk"))
    list(Contribution.objects.select_for_update(of=("self",)).filter(program=program).order_by("pk"))
    if why_not(program, edits, shown):
        raise Conflict(STALE)
    for one in asked:
        if one["do"] == "deliver":
            to = one["to"]
            row = Deliverable.objects.create(
                program=program, project_id=one["project"], code=to["code"], name=to["name"],
                due_on=date.fromisoformat(to["due_on"]),
            )  # fmt: skip
        else:
            row = there[one["deliverable"]]
            _changed(row, one, warrant, at)
        services.more(row, one.get("to", {}).get("requirements", []))


def _changed(row: Deliverable, one: Edit, warrant: Warrant | None, at: datetime) -> None:
    if one["do"] == "withdraw":
        row.version += 1
        row.withdrawn_at, row.warrant = at, warrant
        row.save(update_fields=["withdrawn_at", "warrant", "version"])
        return
    services.change(row, one["to"])
