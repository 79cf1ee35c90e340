"""One vote of one seat: who may cast it, on which figures, and what the last one does."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from governance.authority.models import SubjectKind
from governance.decisions.closing import close_locked
from governance.decisions.models import Decision, Elector, Vote
from governance.decisions.subjects import SUBJECTS, facts_of
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import NotAllowed, Refused


def cast(
    *,
    decision: Decision,
    choice: str,
    digest: str,
    auth_at: datetime | None,
    by: User | None,
    at: datetime,
    reason: str = "",
    option: int | None = None,
    elector: Elector | int | None = None,
) -> Vote:
    """Cast the one vote of a seat, on exactly the figures whose digest was shown.

    `elector` is the seat in the frozen electorate (or its id); one's own without it. The alternate who was frozen
    with a seat votes for it while its holder is absent; the first vote of the two is the seat's.

    Of a free question `approve` names the `option` (from 1) that the voter is for, `reject` is for none of them. The
    person must be present (never a token) and in the frozen electorate, voting and not recused. `recuse`
    stands aside, with a reason. A second vote, a vote after the close and a vote on other figures are refused
    by the database. `auth_at` is when the person's session last proved who it is: pages, API and database
    want it not older than ten minutes, and it is kept with the vote. Where the body wants it, the last vote closes
    the ballot; if that is refused (no money), the vote stands and the ballot stays open until its end.
    """
    access = current_access()
    access.require(Permission.VOTE, decision.program_id)
    if by is None or access.system:
        raise NotAllowed("Only a person votes.", code="person-needed")
    if choice not in Vote.Choice.values:
        raise Refused("Approve, reject, abstain or stand aside.", field="choice")
    if choice == Vote.Choice.RECUSE and not reason.strip():
        raise Refused("Say why you stand aside.", field="reason")
    wants_option = bool(decision.options) and choice == Vote.Choice.APPROVE
    if wants_option and not 1 <= (option or 0) <= len(decision.options):
        raise Refused("Say which option you are for.", field="option")
    if not wants_option and option is not None:
        raise Refused("Only who is for an option of a question names one.", field="option")
    with transaction.atomic():
        if decision.closes_when_complete:
            locked(
                decision
            )  # the last voter closes: taken now, since a shared lock cannot grow without deadlock
        if decision.subject_kind == SubjectKind.CHANGE_REQUEST and decision.state == Decision.State.OPEN:
            _refuse_stale(decision)
        seat = _seat(decision, elector, by)
        with connection.cursor() as cursor:  # only the columns the role may give: the trigger sets the time
            cursor.execute(
                """insert into governance_vote
                     (program_id, decision_id, elector_id, choice, option, reason, digest, cast_by_id, auth_at)
                   values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning id""",
                [
                    decision.program_id,
                    decision.pk,
                    seat.pk,
                    choice,
                    option,
                    reason.strip(),
                    digest,
                    by.pk,
                    auth_at,
                ],
            )
            vote: Vote = Vote.objects.get(pk=cursor.fetchone()[0])
        if decision.closes_when_complete:
            _close_if_complete(decision, by=by, at=at, auth_at=auth_at)
    return vote


def _seat(decision: Decision, elector: Elector | int | None, by: User) -> Elector:
    """The elector for whom this person votes; who may, and when, the database's guard says."""
    rows = Elector.objects.filter(decision=decision)
    if elector is None:
        found = rows.filter(person=by).first()
        why = f"You have no seat in the electorate of {decision.code}."
    else:
        found = rows.filter(pk=elector if isinstance(elector, int) else elector.pk).first()
        why = f"Only seats in the electorate of {decision.code} vote on it."
    if found is None:
        raise NotAllowed(why, code="no-seat")
    return found


def _close_if_complete(
    decision: Decision, *, by: User | None, at: datetime, auth_at: datetime | None
) -> None:
    live = locked(decision)
    waiting = Elector.objects.filter(decision=live, voting=True, recused=False, vote=None).exists()
    if waiting or live.state != Decision.State.OPEN:
        return
    try:
        with transaction.atomic():
            close_locked(live, by=by, at=at, auth_at=auth_at)
    except Refused:
        return  # the vote stands; whoever closes later is told why in words


def _refuse_stale(decision: Decision) -> None:
    """Nobody votes on figures that no longer hold. (Closing looks again, under the lock, and voids the ballot.)"""
    facts = facts_of(decision)
    SUBJECTS[decision.subject_kind].ready(facts)
    if facts.digest != decision.revision_sha256:
        raise Refused(
            f"{facts.row.code} was computed again after this ballot opened: {decision.code} is void. Withdraw it "
            "and propose the request again.",
            code="stale",
        )


def locked(decision: Decision) -> Decision:
    """The decision with body and rule, held against every other change."""
    found: Decision = (
        Decision.objects.select_for_update(of=("self",)).select_related("body", "rule").get(pk=decision.pk)
    )
    return found
