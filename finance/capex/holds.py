"""Reading what of capital requests waits for gates: released, moved on, still held (minor units)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from finance.capex.hold_models import GateHold
from finance.capex.models import CapitalRequest
from pmo.money import format_exact
from programs.gates.models import Gate, Outcome

State = Gate.State
STOPPED = (
    "The gate is stopped. Move this to another gate of the project, or close the request: what is not ordered "
    "becomes available again."
)
REST = "The gate passed with conditions and left this rest. Move it to another gate, or close the request."


@dataclass(frozen=True, slots=True)
class Line:
    """One hold as it stands: `amount` = `released` + `taken` + `held`."""

    hold: GateHold
    amount: int
    released: int
    taken: int
    held: int

    @property
    def gate(self) -> Gate:
        found: Gate = self.hold.gate
        return found

    @property
    def what_to_do(self) -> str:
        """What a person can do where the gate has spoken and money is still held."""
        if not self.held:
            return ""
        return {State.STOPPED: STOPPED, State.PASSED: REST}.get(State(self.gate.state), "")


def line_of(hold: GateHold) -> Line:
    """The figures of a hold (its gate is read with it)."""
    released = 0
    if hold.gate.state == State.PASSED:
        part = hold.if_conditions_minor if hold.gate.outcome == Outcome.CONDITIONS else None
        released = min(hold.amount_minor if part is None else part, hold.amount_minor - hold.taken_minor)
    held = hold.amount_minor - hold.taken_minor - released
    return Line(hold, hold.amount_minor, released, hold.taken_minor, held)


def rows(program_id: int) -> QuerySet[GateHold]:
    """The holds of a program with gate, decision and request, the newest request first."""
    found: QuerySet[GateHold] = GateHold.objects.filter(program_id=program_id)
    return found.select_related("request", "gate", "gate__project", "gate__warrant", "set_by").order_by(
        "-request_id", "pk"
    )


def lines(request: CapitalRequest) -> list[Line]:
    """What of a request waits, released and moved parts included, in order; one query."""
    return [line_of(one) for one in rows(request.program_id).filter(request=request).order_by("pk")]


def held(request: CapitalRequest) -> int:
    """What of the request must not be ordered yet; one query."""
    return sum(one.held for one in lines(request))


def refusal(request: CapitalRequest, standing: list[Line], amount: int) -> str:
    """Why so much cannot be promised now, in words."""
    waiting = [one for one in standing if one.held]
    codes = ", ".join(sorted({one.gate.code for one in waiting}))
    total = format_exact(sum(one.held for one in waiting), request.currency)
    return (
        f"{total} of {request.code} waits for {codes} of its project and is not released; "
        f"{format_exact(amount, request.currency)} are needed."
    )


def content(request: CapitalRequest) -> list[dict[str, Any]]:
    """The holds as part of what is voted on; [] without one."""
    found = GateHold.objects.filter(request_id=request.pk).select_related("gate").order_by("pk")
    return [
        {
            "gate": one.gate.code,
            "amount_minor": one.amount_minor,
            "if_conditions_minor": one.if_conditions_minor,
        }
        for one in found
    ]


def waiting_for(gate: Gate) -> tuple[int, int]:
    """What of approved requests waits for a gate, now and after it proceeds with conditions."""
    now = rest = 0
    for one in rows(gate.program_id).filter(gate=gate, request__state=CapitalRequest.State.APPROVED):
        line = line_of(one)
        now += line.held
        if one.if_conditions_minor is not None:
            rest += max(0, line.held - one.if_conditions_minor)
    return now, rest
