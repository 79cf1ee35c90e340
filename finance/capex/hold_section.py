"""What of a capital request waits for gates, on its page and in its trail."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from finance.capex import holds, sections
from finance.capex.models import CapitalRequest
from finance.capex.sections import Section
from finance.capex.selectors import Step
from pmo import formats
from pmo.accounts.roles import Permission


def of_request(request: HttpRequest, found: CapitalRequest) -> Section | None:
    """One query; nothing where nothing waits and nothing can be said to wait any more."""
    standing = holds.lines(found)
    opened = found.state in (CapitalRequest.State.DRAFT, CapitalRequest.State.SUBMITTED)
    may = request.access.may  # type: ignore[attr-defined]
    edits = opened and may(Permission.REQUEST_CAPITAL, found.program_id, found.project_id)
    if not standing and not edits:
        return None
    moves = found.state == CapitalRequest.State.APPROVED and may(
        Permission.EDIT_BUDGET, found.program_id, found.project_id
    )
    code = found.program.code

    def exact(minor: int) -> str:
        return formats.money_exact(minor, found.currency)

    steps = []
    for one in standing:
        said = f"has {exact(one.amount)} wait for {one.gate.code}"
        steps.append(
            Step(one.hold.set_at, one.hold.set_by.name, said + (f": {one.hold.why}" * bool(one.hold.why)))
        )
        if one.released and one.gate.decided_at and one.gate.warrant:
            words = f"{one.gate.code} passed by {one.gate.warrant.number}: {exact(one.released)} released"
            steps.append(Step(one.gate.decided_at, "", words))
    context = {
        "lines": [
            {
                "pk": one.hold.pk,
                "gate": f"{one.gate.code} {one.gate.name}",
                "href": reverse("programs:gate", kwargs={"code": code, "pk": one.gate.pk}),
                "state": one.gate.get_state_display(),
                "decision": one.gate.warrant.number if one.gate.warrant and one.released else "",
                "amount": exact(one.amount),
                "part": exact(one.hold.if_conditions_minor)
                if one.hold.if_conditions_minor is not None
                else "all",
                "released": exact(one.released),
                "taken": exact(one.taken) if one.taken else "",
                "held": exact(one.held),
                "todo": one.what_to_do if found.state == CapitalRequest.State.APPROVED else "",
                "may_move": moves and bool(one.what_to_do),
            }
            for one in standing
        ],
        "held": exact(sum(one.held for one in standing)),
        "edits": edits,
    }
    return Section("finance/capex/holds.html", context, steps)


sections.register(of_request)
