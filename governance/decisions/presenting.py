"""How a ballot is written on a page: its line of facts, its rows of figures, who voted how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime

from governance.addresses import to
from governance.decisions.models import Decision
from governance.decisions.opening import silence_days, silence_for
from governance.decisions.selectors import Seated
from governance.decisions.tally import Tally, in_words
from pmo import formats
from pmo.money import format_exact
from pmo.zones import zone

CHOICES = (
    ("approve", "Approve", "primary"),
    ("reject", "Reject", ""),
    ("abstain", "Abstain", ""),
    ("recuse", "Stand aside", ""),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the before/after table, ready to print; `state` colours the difference; `href` opens what it sums."""

    label: str
    today: str
    after: str
    difference: str
    state: str
    href: str


CHOICE_COLOURS = {"approve": "green", "reject": "red"}


def facts_line(decision: Decision, lines: list[Seated], tally: Tally) -> str:
    """Body, who opened it when, until when, quorum and rule, and the rule of authority that routed it here."""
    local = zone(decision.program.time_zone)
    parts = [decision.body.name]
    if decision.opened_at is None:
        parts.append(f"proposed {formats.day(decision.proposed_at)} by {_name(decision.proposed_by)}")
    else:
        parts.append(f"opened {formats.day(decision.opened_at)} by {_name(decision.opened_by)}")
    if decision.state == Decision.State.OPEN:
        parts.append(f"vote closes {formats.moment(decision.closes_at, local)}")
    elif decision.decided_at is not None:
        word = "withdrawn" if decision.state == Decision.State.WITHDRAWN else "decided"
        parts.append(f"{word} {formats.moment(decision.decided_at, local)}")
    if lines:
        parts.append(f"quorum {decision.quorum} of {tally.seats}, {in_words(decision.voting_rule)}")
    parts.append(f"routed by authority rule {decision.rule.code}: {limit_words(decision)}")
    return " · ".join(parts)


def limit_words(decision: Decision) -> str:
    """How far the rule reaches, in words."""
    limit = decision.figures.get("limit_minor")
    days = decision.figures.get("limit_days")
    score = decision.figures.get("limit_score")
    if score is not None:
        return f"risks of a score up to {score}"
    if days is not None:
        slip = f"slip up to {formats.counted(days, 'working day', 'working days')}"
        return f"{slip}, money up to {formats.money_text(limit, decision.currency)}" if limit else slip
    return "without limit" if limit is None else f"up to {formats.money_text(limit, decision.currency)}"


def measure_lines(decision: Decision) -> list[Line]:
    """The frozen (or, for a draft, proposed) rows as text."""
    return [_line(row, decision) for row in decision.figures.get("measures", [])]


def _line(row: dict[str, Any], decision: Decision) -> Line:
    difference = row.get("difference")
    if row["unit"] == "money":
        said = (
            ""
            if difference is None
            else formats.money_text(difference, decision.currency, sign=True, unit=False)
        )
        if difference == 0:
            said = "0"
    else:
        said = row.get("said") or ("" if row["today"] == row["after"] else "changed")
    return Line(
        row["label"],
        _value(row["today"], row["unit"], decision.currency),
        _value(row["after"], row["unit"], decision.currency),
        said,
        row.get("state", ""),
        _address(row["key"], decision),
    )


def _value(value: Any, unit: str, currency: str) -> str:
    if value is None:
        return formats.UNKNOWN
    if unit == "money":
        return formats.money_short(value, currency)
    if unit == "date":
        return formats.day(parse_datetime(value))
    return str(value)


def _address(key: str, decision: Decision) -> str:
    """Where the rows behind a figure are."""
    code = decision.program.code
    request = decision.figures.get("request", {})
    if key in ("available", "reserved", "committed", "spent", "project") and request:
        narrow = {} if key == "project" else {"category": request["category"], "nature": request["nature"]}
        return to("finance:ledger", code, {"project": request["project"], **narrow})
    if "waiver" in decision.figures:
        return to("finance:policy", code)
    if "acceptance" in decision.figures:
        return to("programs:risk", code, pk=decision.figures["acceptance"]["risk"])
    if "gate" in decision.figures and key in ("gate", "criteria", "evidence", "reviewers"):
        return to("programs:gate", code, pk=decision.subject_id)
    if key.startswith("money-"):
        return to("finance:reserves" if "contingency" in key or "reserve" in key else "finance:budget", code)
    if key in ("baseline", "finish", "forecast") or "change" in decision.figures:
        return to("programs:plan", code)
    return to("finance:budget", code)


def papers_of(decision: Decision) -> list[str]:
    """The papers of a capital request that are on the table, as they were when the ballot opened."""
    request = decision.figures.get("request", {})
    said = []
    for one in request.get("papers", []):
        words = f"{one['name']} ({one['kind'].replace('_', ' ')})"
        if one["amount_minor"] is not None:
            amount = format_exact(one["amount_minor"], request["currency"])
            words += f", {one['vendor']}: {amount}"
        said.append(f"{words}, digest {one['sha256'][:12]}")
    return said


GATE_EFFECTS = {
    "proceed": "Approval lets the project pass this gate.",
    "proceed_with_conditions": "Approval lets the project pass this gate with the conditions shown.",
    "rework": "Approval sends the gate back: every criterion is to be shown again, and reviewed again.",
    "stop": "Approval stops the project at this gate: neither it nor a later gate can be passed any more.",
}


def effect_of(decision: Decision) -> str:
    """What an approval does, in one sentence."""
    if decision.subject_kind == "capital_request":
        return (
            f"Approval sets aside {formats.money_exact(decision.amount_minor, decision.currency)} in the ledger, "
            "for orders, in the same instant as the decision; without enough money available nothing happens."
        )
    if decision.subject_kind == "change_request":
        change = decision.figures.get("change", {})
        edits, amounts = len(change.get("edits", [])), len(change.get("money_in_words", []))
        parts = [formats.counted(edits, "edit", "edits")] if edits else []
        parts += (
            [formats.counted(amounts, "amount of the budget", "amounts of the budget")] if amounts else []
        )
        return (
            f"Approval applies exactly {' and '.join(parts) or 'what is shown'} and no others"
            f"{', with a new baseline' if edits else ''}{', with a new active budget' if amounts else ''}, in the same "
            "instant as the decision; if plan or budget has moved since, nothing happens."
        )
    if decision.subject_kind == "question":
        return "The answer is recorded and sealed; nothing else changes by it."
    if decision.subject_kind == "risk_acceptance":
        return (
            "Approval lets the risk be carried as it is until the day named, while it scores no higher than accepted; "
            "then it is open again and on the agenda."
        )
    if decision.subject_kind == "waiver":
        return "Approval lets the clause not hold in this matter until the day named; then it is found again."
    if decision.subject_kind == "gate":
        return GATE_EFFECTS[decision.figures["gate"]["asked"]]
    if decision.subject_kind == "budget":
        return "Approval makes this version the active budget and grants exactly the difference to the one before."
    return "Approval freezes the plan exactly as it is now as the program's current baseline."


def confirmation(decision: Decision, choice: str, option: int = 0) -> str:
    """What the person is asked before the vote is cast: it names the thing, and that it stays."""
    if decision.options and choice in ("approve", "reject"):
        said = f"“{decision.options[option - 1]}”" if option else "none of the options"
        return f"Vote for {said} on {decision.title}? A vote cannot be changed."
    amount = formats.money_exact(decision.amount_minor, decision.currency)
    about = f"{decision.title} ({amount})" if decision.amount_minor else decision.title
    verb = {"approve": "Approve", "reject": "Reject", "abstain": "Abstain on", "recuse": "Stand aside on"}[
        choice
    ]
    return f"{verb} {about}? A vote cannot be changed."


def vote_buttons(decision: Decision) -> list[tuple[str, int, str, str, str]]:
    """What a voter may press: (choice, option or 0, its words, its look, what is asked first)."""
    if not decision.options:
        return [(value, 0, label, look, confirmation(decision, value)) for value, label, look in CHOICES]
    buttons = [
        ("approve", n, words, "", confirmation(decision, "approve", n))
        for n, words in enumerate(decision.options, 1)
    ]
    rest = (("reject", "None of these"), ("abstain", "Abstain"), ("recuse", "Stand aside"))
    return buttons + [(value, 0, label, "", confirmation(decision, value)) for value, label in rest]


def seats_of(lines: list[Seated], person: Any, typed: Mapping[str, Any]) -> list[tuple[int, str, bool]]:
    """For whose seat a person may vote: (elector, its words, chosen), the own seat first."""

    def words(line: Seated) -> str:
        if line.elector.person_id == person.pk:
            return "your own seat"
        how = "as alternate" if line.elector.alternate_id == person.pk else "by proxy"
        return f"the seat of {line.elector.person.name}, {how}"

    own_first = sorted(lines, key=lambda line: line.elector.person_id != person.pk)
    chosen = str(typed.get("elector", ""))
    return [(line.elector.pk, words(line), str(line.elector.pk) == chosen) for line in own_first]


def opening_words(draft: Decision) -> str:
    """What is said to who opens a ballot on which silence counts; "" where it does not."""
    rule = silence_for(draft)
    if not rule:
        return ""
    word = {"consent": "consent", "abstain": "an abstention"}[rule]
    days = formats.counted(silence_days(draft.body), "day", "days")
    return (
        f"Silence will count as {word}: the ballot stays open for at least {days}, "
        "and who requested it does not open it."
    )


def silence_words(decision: Decision, tally: Tally, *, running: bool, ended: bool) -> str:
    """What silence does on this ballot, said loudly; "" where it does nothing."""
    rule = decision.figures.get("silence", "")
    if not rule:
        return ""
    word = {"consent": "consent", "abstain": "an abstention"}[rule]
    if running:
        end = formats.moment(decision.closes_at, zone(decision.program.time_zone))
        return (
            f"Silence counts as {word}: a seat that has not voted by {end} is counted "
            f"{'as an approval' if rule == 'consent' else 'as taking part'}. Recused seats are not."
        )
    if ended and tally.silent:
        seats = formats.counted(tally.silent, "seat", "seats")
        return f"{seats} said nothing until the end, which counts as {word} by the rule of this ballot."
    return ""


def standing_words(decision: Decision, outcome: str, option: int) -> str:
    """The outcome if it closed now, in words."""
    return f"“{decision.options[option - 1]}”" if option else outcome


def _name(person: Any) -> str:
    return person.name if person else "the office"
