"""What happens to escalations: raised, answered, returned, taken back, and moved up when their time is over.

Days are calendar days on the program's clock. Whoever answers sits in the asked body, or keeps its meetings and names
the meeting in which the body answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from governance.bodies.models import Body
from governance.bodies.services import require_present
from governance.escalations import selectors
from governance.escalations.models import Escalation, LadderStep
from governance.escalations.records import (
    close,
    from_the_clock,
    local_day,
    locked,
    next_number,
    require_voice,
    write_move,
)
from governance.meetings.models import Meeting
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import NotAllowed, Refused
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Program
from programs.raid.issue_models import Issue
from programs.raid.models import Risk

State = Escalation.State
LONGEST_LADDER = 6


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
            program=program, number=next_number(program), title=title.strip()[:200], question=question.strip(),
            risk=risk, change_request=change_request, issue=issue, body=asked, needed_by=day, raised_by=by,
            raised_at=at,
        )  # fmt: skip
        write_move(made, None, asked, day, "Raised", by=by, at=at)
    return made


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
        number = next_number(program)  # under this lock nobody else asks the same
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
            write_move(
                found, None, step.body, found.needed_by, f"Tolerated until {last:%d %b %Y}", by=by, at=at
            )
            made.append(found)
            number += 1
    return made


def answer(
    *, escalation: Escalation, text: str, version: int, by: User, at: datetime, meeting: Meeting | None = None
) -> Escalation:
    """The body says what holds. By somebody in it, or, with the meeting in which it said so, by its secretary."""
    with transaction.atomic():
        live = locked(escalation, version)
        require_voice(live, by, at, meeting)
        return close(live, State.ANSWERED, text, "Say what the answer is.", by=by, at=at, meeting=meeting)


def give_back(
    *, escalation: Escalation, text: str, version: int, by: User, at: datetime, meeting: Meeting | None = None
) -> Escalation:
    """The body does not take it up and says why; whoever raised it goes on from there."""
    with transaction.atomic():
        live = locked(escalation, version)
        require_voice(live, by, at, meeting)
        return close(live, State.RETURNED, text, "Say why it is returned.", by=by, at=at, meeting=meeting)


def withdraw(*, escalation: Escalation, text: str, version: int, by: User, at: datetime) -> Escalation:
    """Whoever raised it (or leads the program) takes it back, with the reason.

    What the clock raised in the name of who had asked for a deviation, that person does not.
    """
    with transaction.atomic():
        live = locked(escalation, version)
        access = current_access()
        if by.pk != live.raised_by_id and not access.may(Permission.EDIT_PROGRAM, live.program_id):
            raise NotAllowed("Whoever raised it takes it back, or the program manager.")
        access.require(Permission.VIEW_PROGRAM, live.program_id)
        if by.pk == live.raised_by_id and live.change_request_id and from_the_clock(selectors.moves(live)):
            raise NotAllowed(
                "Whoever asked for the deviation does not take back that its day is over: the body answers."
            )
        return close(live, State.WITHDRAWN, text, "Say why it is taken back.", by=by, at=at)


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
            write_move(one, former, step.body, one.needed_by, why, by=by, at=at)
            moved.append(one)
    return moved
