"""Edits of the plan's sheet: many cells and rows in one transaction, one computation of dates, one step of undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.master_plan.models import PlanEdit
from programs.master_plan.services import hold, seal_of
from programs.master_plan.sheet.outcome import OpsRefused, Problem, Saved
from programs.master_plan.sheet.progress import TYPED, Progressing
from programs.master_plan.sheet.reading import FIELDS, LABELS, Reading
from programs.master_plan.sheet.recorder import Recorder, facts_in
from programs.master_plan.sheet.rows import indent, make_room, outdent, take_out
from programs.master_plan.sheet.touched import Touched
from programs.master_plan.would_move import Tried, told, unmoved
from programs.portfolio.models import Program, Project
from programs.resources import overload
from programs.schedule.checking import check_dates, clean
from programs.schedule.following import follow
from programs.schedule.models import Activity, Dependency
from programs.schedule.reported import record_again
from programs.schedule.services import Outcome, apply_changes, bump, lock_plan, new_dependency

MOST_OPS = 2_000
"""Edits in one batch."""


def edit_plan(
    *,
    program: Program,
    ops: Sequence[Mapping[str, Any]],
    session: str,
    agreed: bool | str,
    by: User | None,
    at: datetime,
    dry: bool = False,
) -> Saved:
    """Carry out edits of the sheet, all or none, and compute the new dates once.

    Each edit is a mapping with `do`: `set` (`activity`, `field` of FIELDS, `value` as typed, `was` as it stood when
    the person began: if it stands otherwise now, somebody else was first); `add` (`key`, and `below` an activity or
    at the head of `project`; `cells` by field, `alias` its
    name in the predecessors of this batch); `remove`, `indent`, `outdent` (`activity`). `activity` may be the
    key of a row that the same batch adds; `link` lets it wait for `predecessor`; `assign` puts those named in `value`
    on it besides the others. With `dry` everything is worked out,
    told by raising Tried, and nothing saved. Raises OpsRefused with every refused edit, MovesCommitted unless `agreed`,
    and Refused for a circle of links.
    """
    if len(ops) > MOST_OPS:
        raise Refused(f"At most {formats.number(MOST_OPS)} edits at once.", code="too-many")
    locked = lock_plan(program.pk)
    batch = _Batch(locked, at)
    batch.touched.read_ahead(op.get("activity") for op in ops)
    problems, conflict = [], False
    steps = [*enumerate(ops)]
    for n, op in steps:
        try:
            batch.do(op)
            # Predecessors of new rows may name rows that come after them.
            steps += [(n, one) for one in batch.later]
            batch.later.clear()
        except NotAllowed:
            raise
        except Refused as refusal:
            conflict = conflict or isinstance(refusal, Conflict)
            problems.append(Problem(n, refusal.field or str(op.get("field", "name")), refusal.message))
    if problems:
        raise OpsRefused(problems, conflict=conflict)
    rows = batch.recorder.rows()
    if not rows and dry:
        raise Tried(unmoved(locked))
    if not rows:
        return Saved(None, set(), 0, batch.made)
    bump(locked)
    record_again(locked, facts_in(rows), by=by)
    computation, moved = follow(locked, at=at, order_changed=batch.order_changed)
    outcome = Outcome(computation, moved)
    if dry:
        raise Tried(told(locked, outcome), seal_of(outcome, repr(ops)))
    hold(outcome, agreed, repr(ops))
    kept = None
    if by is not None:
        mine = PlanEdit.objects.filter(program_id=locked.pk, by=by, session=session)
        mine.filter(state=PlanEdit.State.UNDONE).update(state=PlanEdit.State.DROPPED)
        kept = PlanEdit.objects.create(
            program=locked, by=by, session=session, at=at, words=batch.words()[:200], rows=rows
        )
    return Saved(computation, moved, len(rows), batch.made, kept, batch.reordered, batch.asked_too_much())


class _Batch:
    """One batch under way: the rows it touches, each read once."""

    def __init__(self, program: Program, at: datetime) -> None:
        self.program = program
        self.reading = Reading(program, at)
        self.progressing = Progressing(self.reading, at)
        self.recorder = Recorder()
        self.touched = Touched(program, self.recorder)
        self.made: dict[str, int] = {}
        self.order_changed = self.reordered = False
        self.later: list[dict[str, Any]] = []
        self._said: list[str] = []

    def words(self) -> str:
        first = self._said[0]
        return first if len(self._said) == 1 else f"{first[:-1]} and {len(self._said) - 1} more edits."

    def asked_too_much(self) -> str:
        """Who is asked for more than there is by the dates in force now; nothing for nobody."""
        asked = self.reading.people.asked
        over = overload.found(self.program, {one for one, _ in asked}, {one for _, one in asked})
        return overload.in_words(over)

    def do(self, op: Mapping[str, Any]) -> None:
        if op["do"] in ("add", "remove", "indent", "outdent"):
            self.touched.others_written()
        {
            "set": self._set,
            "add": self._add,
            "remove": self._remove,
            "indent": self._shift,
            "outdent": self._shift,
            "link": self._link,
            "assign": self._assign,
        }[op["do"]](op)

    def activity(self, named: object) -> Activity:
        """An activity of the program, by id or by the key of a new row."""
        pk = self.made.get(named) if isinstance(named, str) else named
        if not isinstance(pk, int):
            raise Refused("There is no such row.", field="name")
        return self.touched.get(pk)

    def _set(self, op: Mapping[str, Any]) -> None:
        activity, name, value = self.activity(op["activity"]), str(op["field"]), str(op["value"])
        if name not in FIELDS:
            raise Refused("This column cannot be typed into.", field=name, code="not-editable")
        was = op.get("was")
        links = self._links(activity) if name == "predecessors" else []
        now = self.reading.text(activity, name, links)
        if was is not None and str(was) != now and value.strip() != now:
            raise Conflict(
                f"Somebody else was first: this was “{was}” when you began and is “{now}” now. "
                "Do it once more to put yours in its place.",
                field=name,
            )
        if value.strip() == now and name not in ("start", "finish"):
            return
        more = ""
        if name == "predecessors":
            self._relink(activity, value, links)
        elif name == "resources":
            self.reading.people.put(activity, value, self.recorder)
        elif name in TYPED or (name == "finish" and activity.actual_start is not None):
            changes, more = self.progressing.changes(activity, name, value)
            self._change(activity, name, changes)
        else:
            self._change(activity, name, self.reading.changes(activity, name, value))
        self._said.append(f"{activity.code}: {LABELS[name]} is {value.strip()[:60] or 'empty'}{more}.")

    def _change(self, activity: Activity, name: str, changes: dict[str, Any]) -> None:
        try:
            apply_changes(activity, self.program, changes, None)
        except NotAllowed:
            raise
        except Refused as refusal:
            raise Refused(refusal.message, field=name, code=refusal.code) from refusal
        activity.version += 1
        activity.save(update_fields=[*changes, "remaining_minutes", "version"])
        self.order_changed = self.order_changed or "kind" in changes

    def _links(self, activity: Activity) -> list[Dependency]:
        return list(activity.predecessor_links.select_related("predecessor").order_by("pk"))

    def _relink(self, activity: Activity, value: str, known: list[Dependency]) -> None:
        wanted = self.reading.links(activity, value)
        current_access().require(Permission.EDIT_PLAN, self.program.pk, activity.project_id)
        there = {(one.predecessor_id, one.kind): one for one in known}
        for one in known:
            if (one.predecessor_id, one.kind) not in {(pk, kind) for pk, kind, _ in wanted}:
                self.recorder.gone(one)
                one.delete()
        for pk, kind, lag in wanted:
            link = there.get((pk, kind))
            if link is None:
                made = new_dependency(
                    self.program,
                    predecessor_id=pk,
                    successor_id=activity.pk,
                    kind=kind,
                    lag=lag.amount,
                    lag_unit=lag.unit,
                )
                made.save()
                self.recorder.made(made)
            elif (link.lag, link.lag_unit) != (lag.amount, lag.unit):
                self.recorder.watch(link)
                link.lag, link.lag_unit = lag.amount, lag.unit
                link.version += 1
                link.save(update_fields=["lag", "lag_unit", "version"])
        self.order_changed = True

    def _link(self, op: Mapping[str, Any]) -> None:
        before, after = self.activity(op["predecessor"]), self.activity(op["activity"])
        made = new_dependency(
            self.program,
            predecessor_id=before.pk,
            successor_id=after.pk,
            kind="FS",
            lag=0,
            lag_unit="working",
        )
        made.save()
        self.recorder.made(made)
        self.order_changed = True
        self._said.append(f"{after.code} waits for {before.code}.")

    def _assign(self, op: Mapping[str, Any]) -> None:
        activity = self.activity(op["activity"])
        said = self.reading.people.put(activity, str(op["value"]), self.recorder, more=True)
        self._said.append(f"{said[:60]} works on {activity.code}.")

    def _add(self, op: Mapping[str, Any]) -> None:
        cells: Mapping[str, Any] = op.get("cells") or {}
        above = self.activity(op["below"]) if op.get("below") else None
        project: Project | None = (
            above.project if above else self.reading.projects.get(op.get("project") or 0)
        )
        if project is None:
            raise Refused("Choose the row or project to add below.", field="name")
        current_access().require(Permission.EDIT_PLAN, self.program.pk, project.pk)
        inside = above is not None and above.kind == Activity.Kind.SUMMARY
        code = str(cells.get("code") or "").strip() or self.reading.next_code(
            project, above.code if above else ""
        )
        day = self.reading.worktime(Activity(program=self.program, project=project)).day
        made = Activity(
            program=self.program,
            project=project,
            parent_id=(above.pk if inside else above.parent_id) if above else None,
            level=(above.level + inside) if above else 0,
            code=code,
            position=make_room(self.program.pk, project.pk, above),
            duration_minutes=day,
            **self.reading.changes(Activity(), "name", str(cells.get("name") or "")),
        )
        if (project.code.casefold(), code.casefold()) in self.reading.codes:
            raise Refused("This project has an activity of that code already.", field="code")
        clean(made, {"code": code, "name": made.name})
        check_dates(made, self.program)
        made.save()
        self.recorder.made(made, after=[above.pk] if above else [])
        self.reading.codes[project.code.casefold(), code.casefold()] = made.pk
        self.touched.add(made)
        self.made[str(op.get("key") or made.pk)] = made.pk
        self.order_changed = self.reordered = True
        if op.get("alias"):
            self.reading.aliases[str(op["alias"]).casefold()] = made.pk
        said = len(self._said)
        for name in FIELDS[1:]:
            if str(cells.get(name) or "").strip():
                edit = {"do": "set", "activity": made.pk, "field": name, "value": cells[name]}
                if name == "predecessors":
                    self.later.append(edit)
                else:
                    self._set(edit)
        self._said[said:] = [f"{made.code} {made.name[:60]} is added."]

    def _remove(self, op: Mapping[str, Any]) -> None:
        activity = self.activity(op["activity"])
        current_access().require(Permission.EDIT_PLAN, self.program.pk, activity.project_id)
        pk = activity.pk
        take_out(activity, self.recorder)
        self.touched.forget(pk)
        self.order_changed = self.reordered = True
        self._said.append(f"{activity.code} {activity.name[:60]} is out of the plan.")

    def _shift(self, op: Mapping[str, Any]) -> None:
        activity = self.activity(op["activity"])
        current_access().require(Permission.EDIT_PLAN, self.program.pk, activity.project_id)
        shift = indent if op["do"] == "indent" else outdent
        for one in shift(activity, self.recorder):
            self.touched.forget(one)
        self.order_changed = self.reordered = True
        self._said.append(f"{activity.code} is {op['do']}ed.")
