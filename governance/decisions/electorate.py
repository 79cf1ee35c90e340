"""Who votes: the seats in term on the day the ballot opens, frozen, with those recused who asked or wrote."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from governance.bodies.models import Body, Seat
from governance.bodies.selectors import seats_on
from governance.bodies.standing import alternates_on, without_a_vote
from governance.bodies.standing_models import Alternate
from governance.decisions.facts import Facts
from governance.decisions.models import Decision, Elector
from governance.decisions.tally import quorum_of
from pmo.refusals import Refused


def electorate(body: Body, facts: Facts, on: date) -> list[dict[str, Any]]:
    """The seats as rows (person id, role, voting, recused and why, alternate), the chair first."""
    rows = []
    seats = seats_on(body.pk, on)
    alternates = alternates_on(body.pk, on)
    asked = {one.person_id for one in alternates.values()}
    if body.silence:  # then it counts who could speak: see `closing.silent_persons`
        asked |= {seat.person_id for seat in seats if seat.voting}
    idle = without_a_vote(body.program_id, asked, on)
    own = set() if body.members_stand_in else {seat.person_id for seat in seats if seat.voting}
    for seat in seats:
        reason = facts.recused.get(seat.person_id, "") if seat.voting else ""
        rows.append(
            {
                "seat": seat.pk,
                "person": seat.person_id,
                "name": seat.person.name,
                "title": seat.title,
                "role": seat.role,
                "voting": seat.voting,
                "recused": bool(reason),
                "reason": reason,
                **({"without_vote": True} if body.silence and seat.voting and seat.person_id in idle else {}),
                **_stands_in(alternates.get(seat.pk) if seat.voting else None, facts, idle, own),
            }
        )
    return rows


def _stands_in(alternate: Alternate | None, facts: Facts, idle: set[int], own: set[int]) -> dict[str, Any]:
    """Who votes while the holder is absent, and why he or she may not on this; nothing for a seat without one."""
    if alternate is None:
        return {}
    person = alternate.person_id
    barred = facts.recused.get(person, "")
    if not barred and person in idle:
        barred = "has no voting role in this program"
    if not barred and person in own:
        barred = "has a vote of their own in this body"
    return {"alternate": person, "alternate_name": alternate.person.name, "barred": barred}


def quorum_needed(body: Body, rows: list[dict[str, Any]]) -> int:
    """The quorum in voting seats. Refused, in words, where recusal or empty seats make it impossible."""
    voting = [row for row in rows if row["voting"]]
    recused = [row for row in voting if row["recused"]]
    if not voting:
        raise Refused(
            f"{body.name} has no voting seat in term today: nobody could vote.", code="no-electorate"
        )
    fraction = (
        Fraction(body.quorum_numerator, body.quorum_denominator or 1)
        if body.quorum_numerator is not None
        else None
    )
    needed = quorum_of(
        len(voting),
        count=body.quorum_seats,
        fraction=fraction,
        recused=len(recused),
        lowered=body.recusal_lowers_quorum,
    )
    left = len(voting) - len(recused)
    who = ", ".join(f"{row['name']} ({row['reason']})" for row in recused)
    if left < needed:
        because = f": {who} may not vote, which leaves {left}" if recused else f", and only {left} are filled"
        raise Refused(
            f"{body.name} cannot reach its quorum of {needed} of {len(voting)} voting seats{because}. "
            "Let a body with higher authority decide, or fill the seats.",
            code="no-quorum-possible",
        )
    chairs = [row for row in voting if row["role"] == Seat.Role.CHAIR and not row["recused"]]
    if body.voting_rule == Body.Rule.CHAIR and not chairs:
        raise Refused(
            f"In {body.name} the chair decides, and no chair may vote on this{': ' + who if who else ''}. "
            "Let a body with higher authority decide.",
            code="no-quorum-possible",
        )
    return needed


def freeze(decision: Decision, rows: list[dict[str, Any]]) -> None:
    """Write the electorate; the database takes electors only while the decision is a draft."""
    Elector.objects.bulk_create(
        Elector(
            program_id=decision.program_id,
            decision=decision,
            seat_id=row["seat"],
            person_id=row["person"],
            role=row["role"],
            voting=row["voting"],
            recused=row["recused"],
            recusal_reason=row["reason"],
            alternate_id=row.get("alternate"),
            alternate_barred=row.get("barred", ""),
        )
        for row in rows
    )
