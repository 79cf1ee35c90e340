"""Commands on control accounts: naming them, the limits of their variances, and what is found and answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError

from finance.control_accounts import alarms, selectors
from finance.control_accounts.holding import Book, limits_of
from finance.control_accounts.limits import Limits, check, crossed
from finance.control_accounts.models import ControlAccount, VarianceFinding, VarianceLimits
from finance.earned_value.models import EarnedValueRun
from pmo.accounts.access import current_access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.portfolio.models import Program
from programs.schedule.models import Activity

CHANGED = "Somebody changed this after you opened it. Here is how it is now."
ANSWER = ("cause", "impact", "corrective_action")


def create(
    *,
    program: Program,
    activity: Activity,
    manager: User | None,
    code: str = "",
    by: User | None,
    at: datetime,
) -> ControlAccount:
    """Make an element of the WBS a control account; without a code it is PROJECT/ELEMENT.

    Raises Refused for what is no summary, or lies above or under another account of its project.
    """
    current_access().require(Permission.EDIT_PLAN, program.pk, activity.project_id)
    if activity.program_id != program.pk or activity.kind != Activity.Kind.SUMMARY:
        raise Refused(
            "A control account is a summary of the plan: work packages lie under it.", field="activity"
        )
    held = set(ControlAccount.objects.filter(program=program).values_list("activity_id", flat=True))
    if activity.pk in held:
        raise Refused("This element is a control account already.", field="activity")
    parents = dict(
        Activity.objects.filter(program=program, project_id=activity.project_id).values_list(
            "pk", "parent_id"
        )
    )
    if held & _above(activity.pk, parents):
        raise Refused("It lies under another control account: work counts in one of them.", field="activity")
    if any(activity.pk in _above(pk, parents) for pk in held if pk in parents):
        raise Refused("Another control account lies under it: work counts in one of them.", field="activity")
    _check_manager(program, manager)
    made = ControlAccount(
        program=program,
        project_id=activity.project_id,
        activity=activity,
        code=code or f"{activity.project.code}.{activity.code}",
        manager=manager,
    )
    _clean(made)
    if ControlAccount.objects.filter(program=program, code=made.code).exists():
        raise Refused("Another control account has this code.", field="code")
    made.save()
    return made


def edit(
    *, account: ControlAccount, changes: Mapping[str, Any], version: int, by: User | None, at: datetime
) -> ControlAccount:
    """Change code or manager; open findings go to the new manager."""
    found = _locked(account, version)
    if set(changes) - {"code", "manager"}:
        raise Refused("This cannot be edited here.", code="not-editable")
    for name, value in changes.items():
        setattr(found, name, value)
    _check_manager(found.program, found.manager)
    _clean(found)
    if ControlAccount.objects.filter(program=found.program, code=found.code).exclude(pk=found.pk).exists():
        raise Refused("Another control account has this code.", field="code")
    found.version += 1
    found.save()
    VarianceFinding.objects.filter(account=found, state=VarianceFinding.State.OPEN).update(
        owner=found.manager
    )
    alarms.hand_over(found)
    return found


def remove(*, account: ControlAccount, version: int, by: User | None, at: datetime) -> None:
    """Let an element be a control account no longer. One with findings stays: they are part of the record."""
    found = _locked(account, version)
    if found.findings.exists():
        raise Refused("Variances of this account were asked about: it stays, as they are part of the record.")
    if found.own_limits.exists():
        raise Refused("It had limits of its own: it stays, as they are part of the record.")
    found.delete()


def _locked(account: ControlAccount, version: int) -> ControlAccount:
    found: ControlAccount = (
        ControlAccount.objects.select_for_update(of=("self",)).select_related("program").get(pk=account.pk)
    )
    current_access().require(Permission.EDIT_PLAN, found.program_id, found.project_id)
    if version != found.version:
        raise Conflict(CHANGED, code="changed")
    return found


def _above(pk: int, parents: Mapping[int, int | None]) -> set[int]:
    found: set[int] = set()
    above = parents.get(pk)
    while above is not None and above not in found:
        found.add(above)
        above = parents.get(above)
    return found


def _check_manager(program: Program, manager: User | None) -> None:
    if manager is not None and not Membership.objects.filter(program=program, user=manager).exists():
        raise Refused("The manager of a control account holds a role in the program.", field="manager")


def _clean(account: ControlAccount) -> None:
    try:
        account.clean_fields(exclude=["program", "project", "activity", "manager"])
    except ValidationError as error:
        field, said = next(iter(error.message_dict.items()))
        raise Refused(said[0], field=field) from error


# ------------------------------------------------------------------ limits
def set_limits(
    *, program: Program, wanted: Limits, seen: Limits | None = None, by: User | None, at: datetime
) -> Limits:
    """Set the program's limits; they hold for what is found from now on. `seen`: what the person saw."""
    current_access().require(Permission.EDIT_PROGRAM, program.pk)
    Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program.pk)
    if seen is not None and seen != limits_of(program):
        raise Conflict(CHANGED, code="changed")
    check(wanted)
    VarianceLimits.objects.update_or_create(
        program=program, defaults={one.name: getattr(wanted, one.name) for one in fields(Limits)}
    )
    return wanted


# ------------------------------------------------------------------ findings
def find(*, program: Program, run: EarnedValueRun | None, by: User | None, at: datetime) -> int:
    """Open a finding for each account beyond the limits at the latest status of its project: once for each.

    Called after earned value was computed. A finding stays as it was found, whatever is computed later.
    """
    if run is None:
        return 0
    book = Book(program)
    asked = set(VarianceFinding.objects.filter(program=program).values_list("account_id", "period_id"))
    opened = 0
    going = alarms.going(program)
    for one in selectors.latest(program, run, at):
        period_id = one.snapshot.period_id
        if one.account is None or period_id is None or (one.account.pk, period_id) in asked:
            continue
        held = book.of(one.account)
        beyond = crossed(
            held.limits, one.exact, one.measures(program.currency), program.currency, whose=held.whose
        )
        if not beyond:
            alarms.within_again(going.get(one.account.pk), one.snapshot.at, program, at=at)
            continue
        names = ", ".join(dict.fromkeys(str(each["measure"]).upper() for each in beyond))
        found: VarianceFinding = VarianceFinding.objects.create(
            program=program,
            account=one.account,
            period_id=period_id,
            title=f"{one.account.code}: {names} beyond the limit"[:200],
            crossed=beyond,
            limits=held.row,
            owner=one.account.manager,
            found_at=at,
            due_on=(at + timedelta(days=held.limits.answer_days)).date(),
        )
        alarms.raise_one(found, going.get(one.account.pk), one.snapshot.at, at=at)
        opened += 1
    return opened


def may_answer(finding: VarianceFinding, user: User | None) -> bool:
    """The manager of the account answers; so does who may edit the plan of its project."""
    if user is not None and user.pk == finding.account.manager_id:
        return True
    return current_access().may(Permission.EDIT_PLAN, finding.program_id, finding.account.project_id)


def answer(
    *, finding: VarianceFinding, values: Mapping[str, str], version: int, by: User | None, at: datetime
) -> VarianceFinding:
    """Say cause, impact and corrective action; an answer may be improved until it is closed."""
    if not may_answer(finding, by):
        raise NotAllowed("The manager of the control account answers this.")
    found = _locked_finding(finding, version)
    if found.state == VarianceFinding.State.CLOSED:
        raise Refused("This is closed: its answer stays as it was accepted.")
    for name in ANSWER:
        text = values.get(name, "").strip()
        if not text:
            raise Refused("Say cause, impact and corrective action.", field=name)
        if len(text) > 4000:
            raise Refused("At most 4,000 letters.", field=name)
        setattr(found, name, text)
    found.state = VarianceFinding.State.ANSWERED
    found.answered_by, found.answered_at = by, at
    found.version += 1
    found.save()
    return found


def close(*, finding: VarianceFinding, version: int, by: User | None, at: datetime) -> VarianceFinding:
    """Accept an answer: by program manager or controller, never by who gave it."""
    current_access().require(Permission.EDIT_BUDGET, finding.program_id)
    found = _locked_finding(finding, version)
    if found.state != VarianceFinding.State.ANSWERED:
        raise Refused("Only an answered variance can be closed.")
    if by is not None and by.pk == found.answered_by_id:
        raise NotAllowed("Who answered it does not close it.")
    found.state, found.closed_by, found.closed_at = VarianceFinding.State.CLOSED, by, at
    found.version += 1
    found.save()
    return found


def _locked_finding(finding: VarianceFinding, version: int) -> VarianceFinding:
    found: VarianceFinding = (
        VarianceFinding.objects.select_for_update(of=("self",)).select_related("account").get(pk=finding.pk)
    )
    if version != found.version:
        raise Conflict(CHANGED, code="changed")
    return found
