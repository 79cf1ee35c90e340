"""Moving budget between cost lines within delegated authority, and delegating it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction

from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.structure import periods
from finance.structure.fiscal import begins, fiscal_year
from finance.structure.models import RESERVES
from finance.transfers import selectors
from finance.transfers.models import TransferRule
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission, Role
from pmo.money import LIMIT, format_exact
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.portfolio.models import Program

SOURCE = "transfer_rule"
"""The journal's source kind: which rule allowed the transfer."""
BEYOND = " More needs a decision: a new budget version, or a change request."


def transfer(
    *,
    program: Program,
    source: Place,
    target: Place,
    amount: int,
    effective: date,
    text: str,
    by: User | None,
    at: datetime,
) -> uuid.UUID:
    """Move available money (minor units) from one cost line to another, under a rule that allows it.

    Raises Refused with the rule's sentence where no rule does, and where the money is not available. The journal
    keeps the rule. Two people at once are counted one after the other: the rules are locked.
    """
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    if {source.category, target.category} & RESERVES:
        raise Refused("A reserve is drawn only by a decision on a budget version.", field="source_category")
    if amount <= 0:
        raise Refused("The amount must be above zero.", field="amount")
    if not text.strip():
        raise Refused("Say why the money is moved.", field="text")
    _in_this_year(program, effective, at)
    with transaction.atomic():
        rule = _allowing(program, source, target, amount, effective, at)
        return ledger.transfer(
            program=program,
            source=source,
            target=target,
            amount=amount,
            effective=effective,
            text=text.strip(),
            by=by,
            at=at,
            under=(SOURCE, rule.code),
        )


def _in_this_year(program: Program, effective: date, at: datetime) -> None:
    """A limit of a fiscal year would be none if the date could be chosen in any year."""
    start = program.fiscal_year_start_month
    now, then = (
        fiscal_year(begins(periods.code_of(day), start), start)
        for day in (periods.local_day(program, at), effective)
    )
    if now != then:
        raise Refused(
            f"Budget is moved within the fiscal year {now.label}: choose a day of it.", field="effective"
        )


def _allowing(
    program: Program, source: Place, target: Place, amount: int, effective: date, at: datetime
) -> TransferRule:
    roles = current_access().roles_in(program.pk)
    today = periods.local_day(program, at)
    rules = [
        rule
        for rule in TransferRule.objects.select_for_update()
        .filter(program=program, role__in=roles, valid_from__lte=today)
        .order_by("up_to_minor", "pk")
        if rule.valid_to is None or rule.valid_to >= today
    ]
    if not rules:
        raise Refused(f"No rule lets your role move budget.{BEYOND}", field="amount", code="beyond-authority")
    reason = ""
    for rule in rules:
        reason = _against(rule, program, source, target, amount, effective)
        if not reason:
            return rule
    raise Refused(reason + BEYOND, field="amount", code="beyond-authority")


def _against(
    rule: TransferRule, program: Program, source: Place, target: Place, amount: int, effective: date
) -> str:
    """Why a rule does not allow a transfer, in a sentence; empty where it does."""
    who = f"{rule.code} lets a {Role(rule.role).label.lower()} move"
    if source.project_id != target.project_id and not rule.across_projects:
        return f"{who} budget within a project only, not from one to another."
    if amount > rule.up_to_minor:
        return (
            f"{who} {format_exact(rule.up_to_minor, program.currency)} at once, "
            f"not {format_exact(amount, program.currency)}."
        )
    if rule.year_up_to_minor is None:
        return ""
    start = program.fiscal_year_start_month
    year = fiscal_year(begins(periods.code_of(effective), start), start)
    moved = selectors.moved(program.pk, year).get(rule.code, 0)
    if moved + amount > rule.year_up_to_minor:
        return (
            f"{who} {format_exact(rule.year_up_to_minor, program.currency)} in the fiscal year {year.label}; "
            f"{format_exact(moved, program.currency)} is moved already."
        )
    return ""


def delegate(
    *,
    program: Program,
    role: str,
    up_to_minor: int,
    valid_from: date,
    by: User | None,
    at: datetime,
    year_up_to_minor: int | None = None,
    across_projects: bool = False,
) -> TransferRule:
    """Let a role that keeps budgets move so much at once and in a fiscal year (minor units; None: without limit).

    Needs a person present, and is never of a role that this person holds: nobody gives authority over money to
    oneself.
    """
    access = current_access()
    access.require(Permission.EDIT_PROGRAM, program.pk)
    if access.by_token:
        raise NotAllowed("This needs a person present: an API token cannot do it.", code="person-needed")
    if role in access.roles_in(program.pk):
        raise Refused("Nobody delegates to a role of their own: choose another one.", field="role")
    if role not in selectors.ROLES:
        raise Refused("Only a role that keeps budgets can move them.", field="role")
    for name, amount in (("up_to", up_to_minor), ("year_up_to", year_up_to_minor)):
        if amount is not None and not 0 < amount <= LIMIT:
            raise Refused("A limit is above zero.", field=name)
    if year_up_to_minor is not None and year_up_to_minor < up_to_minor:
        raise Refused("The limit of a year is not below that of one transfer.", field="year_up_to")
    with transaction.atomic():
        mine = TransferRule.objects.select_for_update().filter(program=program)
        last = max((int(code[2:]) for code in mine.values_list("code", flat=True)), default=0)
        rule: TransferRule = TransferRule.objects.create(
            program=program,
            code=f"T-{last + 1}",
            role=role,
            up_to_minor=up_to_minor,
            year_up_to_minor=year_up_to_minor,
            across_projects=across_projects,
            valid_from=valid_from,
        )
        return rule


def end(*, rule: TransferRule, last_day: date, version: int, by: User | None, at: datetime) -> TransferRule:
    """Let a rule end after its last day; what was moved under it stays."""
    current_access().require(Permission.EDIT_PROGRAM, rule.program_id)
    if last_day < rule.valid_from:
        raise Refused("The rule would end before it began.", field="last_day")
    changed = TransferRule.objects.filter(pk=rule.pk, version=version).update(
        valid_to=last_day, version=version + 1
    )
    if not changed:
        raise Conflict("Somebody changed this rule meanwhile. Please look again.")
    rule.refresh_from_db()
    return rule
