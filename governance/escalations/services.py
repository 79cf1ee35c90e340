"""What happens to escalations: raised, answered, returned, taken back, and moved up when their time is over.

Days are calendar days on the program's clock. Whoever answers sits in the asked body, or keeps its meetings and names
the meeting in which the body answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max

from governance.bodies.models import Body, Seat
from governance.bodies.services import require_present
from governance.escalations import selectors
from governance.escalations.models import Escalation, EscalationMove, LadderStep
from governance.meetings.models import AgendaItem, Meeting
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.zones import zone
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Program
from programs.raid.issue_models import Issue
from programs.raid.models import Risk

State = Escalation.State
LONGEST_LADDER = 6


def local_day(program: Program, at: datetime) -> date:
    """The day of an instant on the program's clock."""
    return at.astimezone(zone(program.time_zone)).date()


def set_ladder(
    *, program: Program, steps: Sequence[tuple[Body, int]], by: User | None, at: datetime
) -> list[LadderStep]:
    """Who is asked first, and who after so many days without an answer; replaces the ladder as a whole."""
    require_present()
    current_access().require(Permission.EDIT_PROGRAM, program.pk)
    if len({body.pk for body, _ in steps}) != len(steps):
        raise Refused("A body stands on the ladder once.", field="steps")
    if len(steps) > LONGEST_LADDER:
        raise Refused(f"A ladder has up to {LONGEST_LADDER} rungs.", field="steps")
    if any(not 1 <= days <= 365 for _, days in steps):
        raise Refused("A body has 1 to 365 days to answer.", field="steps")
    with transaction.atomic():
        Program.objects.select_for_update(no_key=True).get(pk=program.pk)
        LadderStep.objects.filter(program=program).delete()
        return list(
            LadderStep.objects.bulk_create(
                LadderStep(program=program, position=n, body=body, days=days)
                for n, (body, days) in enumerate(steps, 1)
            )
        )


def raise_one(
    *,
    program: Program,
    title: str,
    question: str,
    by: User,
    at: datetime,
    body: Body | None = None,
    needed_by: date | None = None,
    risk: Risk | None = None,
    change_request: ChangeRequest | None = None,
    issue: Issue | None = None,
) -> Escalation:
    """Ask a body; without one, the first of the ladder, and without a day, as many days as its rung gives.

    Needs the right to keep risks in the program, or in the project of the risk, issue or change request. Raises Refused
    where nobody is named and there is no ladder.
    """
    origins = [one for one in (risk, change_request, issue) if one is not None]
    origin = origins[0] if origins else None
    if len(origins) > 1:
        raise Refused("An escalation comes from one thing: a risk, an issue or a change.", field="risk")
    if any(one.program_id != program.pk for one in origins):
        raise Refused("That belongs to another program.", field="risk")
    current_access().require(Permission.EDIT_RISKS, program.pk, origin.project_id if origin else None)
    today = local_day(program, at)
    step = LadderStep.objects.filter(program=program, **({"body": body} if body else {})).first()
    asked = body or (step.body if step else None)
    if asked is None:
        raise Refused("No ladder says who is asked first: name the body.", field="body")
    day = needed_by or today + timedelta(days=step.days if step else 7)
    if day < today:
        raise Refused("That day is over: an answer can be needed today at the earliest.", field="needed_by")
    if not title.strip() or not question.strip():
        raise Refused("Say in a title and a question what is asked.", field="question")
    with transaction.atomic():
        made: Escalation = Escalation.objects.create(
            program=program, number=_next_number(program), title=title.strip()[:200], question=question.strip(),
            risk=risk, change_request=change_request, issue=issue, body=asked, needed_by=day, raised_by=by,
            raised_at=at,
        )  # fmt: skip
        _move(made, None, asked, day, "Raised", by=by, at=at)
    return made


def from_the_clock(moves: Sequence[EscalationMove]) -> bool:
    """Was it raised by the clock? Then its first move is nobody's."""
    return bool(moves) and moves[0].by_id is None


def _next_number(program: Program) -> int:
    """E-1, E-2, ...: whoever asks at the same moment waits here and gets the next."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('governance.escalation.number'), %s::int)", [program.pk]
        )
    top: int | None = Escalation.objects.filter(program=program).aggregate(top=Max("number"))["top"]
    return (top or 0) + 1


def escalate_lapsed(*, program_id: int, by: User | None, at: datetime) -> list[Escalation]:
    """Put every agreed deviation whose last day is over to the first rung of the ladder, once for each day agreed.

    The clock's deed, in the name of who had asked for the deviation. Without a ladder nobody is asked: the log of
    changes shows it as tolerated too long.
    """
    program = Program.objects.get(pk=program_id)
    step = LadderStep.objects.filter(program=program).select_related("body").first()
    today = local_day(program, at)
    if step is None:
        return []
    over = ChangeRequest.objects.filter(
        program=program, state=ChangeRequest.State.APPLIED, tolerated_until__lt=today
    ).defer("edits")
    lapsed = list(over.select_related("requester").order_by("pk"))
    if not lapsed:
        return []
    made = []
    with transaction.atomic():
        number = _next_number(program)  # under this lock nobody else asks the same
        asked = Escalation.objects.filter(program=program, change_request__in=lapsed).exclude(
            state=State.WITHDRAWN
        )
        since: dict[int | None, date] = {}
        for pk, raised in asked.values_list("change_request_id", "raised_at"):
            since[pk] = max(since.get(pk, date.min), local_day(program, raised))
        for one in lapsed:
            last = one.tolerated_until
            if last is None or since.get(one.pk, date.min) > last:
                continue
            found: Escalation = Escalation.objects.create(
                program=program, number=number, title=f"{one.code} {one.title}: tolerated too long"[:200],
                question=f"The deviation was agreed until {last:%d %b %Y} and that day is over. Is it ended, or until "
                "when does it go on?",
                change_request=one, body=step.body, needed_by=today + timedelta(days=step.days),
                raised_by=one.requester, raised_at=at,
            )  # fmt: skip
            _move(found, None, step.body, found.needed_by, f"Tolerated until {last:%d %b %Y}", by=by, at=at)
            made.append(found)
            number += 1
    return made


def answer(
    *, escalation: Escalation, text: str, version: int, by: User, at: datetime, meeting: Meeting | None = None
) -> Escalation:
    """The body says what holds. By somebody in it, or, with the meeting in which it said so, by its secretary."""
    with transaction.atomic():
        live = _locked(escalation, version)
        _speaks_for(live, by, at, meeting)
        return _closed(live, State.ANSWERED, text, "Say what the answer is.", by=by, at=at, meeting=meeting)


def give_back(
    *, escalation: Escalation, text: str, version: int, by: User, at: datetime, meeting: Meeting | None = None
) -> Escalation:
    """The body does not take it up and says why; whoever raised it goes on from there."""
    with transaction.atomic():
        live = _locked(escalation, version)
        _speaks_for(live, by, at, meeting)
        return _closed(live, State.RETURNED, text, "Say why it is returned.", by=by, at=at, meeting=meeting)


def withdraw(*, escalation: Escalation, text: str, version: int, by: User, at: datetime) -> Escalation:
    """Whoever raised it (or leads the program) takes it back, with the reason.

    What the clock raised in the name of who had asked for a deviation, that person does not.
    """
    with transaction.atomic():
        live = _locked(escalation, version)
        access = current_access()
        if by.pk != live.raised_by_id and not access.may(Permission.EDIT_PROGRAM, live.program_id):
            raise NotAllowed("Whoever raised it takes it back, or the program manager.")
        access.require(Permission.VIEW_PROGRAM, live.program_id)
        if by.pk == live.raised_by_id and live.change_request_id and from_the_clock(selectors.moves(live)):
            raise NotAllowed(
                "Whoever asked for the deviation does not take back that its day is over: the body answers."
            )
        return _closed(live, State.WITHDRAWN, text, "Say why it is taken back.", by=by, at=at)


def climb(*, program_id: int, by: User | None, at: datetime) -> list[Escalation]:
    """Move every open escalation whose day is over one rung up; on the top rung, or on none, it stays and is overdue.

    The clock's deed: returns those that moved. A rung gives its own days from today. One that is locked by somebody
    who answers it right now is left to the next time.
    """
    program = Program.objects.get(pk=program_id)
    today = local_day(program, at)
    ladder = list(LadderStep.objects.filter(program=program).select_related("body"))
    place = {step.body_id: n for n, step in enumerate(ladder)}
    moved = []
    with transaction.atomic():
        late = (
            Escalation.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(program=program, state=State.OPEN, needed_by__lt=today, body__in=place)
            .select_related("body")
            .order_by("number")
        )
        for one in late:
            above = place[one.body_id] + 1
            if above >= len(ladder):
                continue
            step, former = ladder[above], one.body
            why = f"{former.name} had not answered by {one.needed_by:%d %b %Y}"
            one.body, one.needed_by = step.body, today + timedelta(days=step.days)
            one.version += 1
            one.save(update_fields=["body", "needed_by", "version"])
            _move(one, former, step.body, one.needed_by, why, by=by, at=at)
            moved.append(one)
    return moved


def _move(
    one: Escalation, former: Body | None, body: Body, day: date, why: str, *, by: User | None, at: datetime
) -> None:
    EscalationMove.objects.bulk_create(
        [
            EscalationMove(
                program_id=one.program_id, escalation=one, from_body=former, to_body=body, needed_by=day,
                why=why[:400], by=by, at=at,
            )
        ]
    )  # fmt: skip


def _locked(escalation: Escalation, version: int) -> Escalation:
    live: Escalation = (
        Escalation.objects.select_for_update(of=("self",))
        .select_related("body", "program")
        .get(pk=escalation.pk)
    )
    if live.state != State.OPEN:
        raise Conflict(f"{live.code} is {live.get_state_display().lower()} already.")
    if live.version != version:
        raise Conflict(
            f"{live.code} moved on after you opened it: now {live.body.name} is asked.", code="changed"
        )
    return live


def _speaks_for(live: Escalation, by: User, at: datetime, meeting: Meeting | None) -> None:
    """Somebody with a seat in the body today, or its secretary with a meeting of this body that was held or is."""
    today = local_day(live.program, at)
    access = current_access()
    access.require(Permission.VIEW_PROGRAM, live.program_id)
    if meeting is not None:
        meeting = Meeting.objects.get(pk=meeting.pk)  # as it is now, not as the form found it
        if meeting.body_id != live.body_id or meeting.state not in (
            Meeting.State.IN_SESSION,
            Meeting.State.HELD,
        ):
            raise Refused("Name a meeting of the asked body that has begun.", field="meeting")
        if meeting.minutes_approved_at is not None:
            raise Refused("The minutes of that meeting are approved: they stand.", field="meeting")
        if not AgendaItem.objects.filter(meeting=meeting, escalation=live).exists():
            raise Refused(f"{live.code} was not on the agenda of that meeting.", field="meeting")
        access.require(Permission.KEEP_MEETINGS, live.program_id)
        return
    require_present()
    if not Seat.objects.filter(body_id=live.body_id, person=by, voting=True, term__contains=today).exists():
        raise NotAllowed(
            f"{live.body.name} answers: somebody with a vote in it, or its secretary naming the meeting."
        )


def _closed(
    live: Escalation,
    state: str,
    text: str,
    asked: str,
    *,
    by: User,
    at: datetime,
    meeting: Meeting | None = None,
) -> Escalation:
    if not text.strip():
        raise Refused(asked, field="text")
    live.state, live.answer, live.closed_by, live.closed_at = state, text.strip(), by, at
    live.answered_in = meeting
    live.version += 1
    live.save(update_fields=["state", "answer", "closed_by", "closed_at", "answered_in", "version"])
    return live
