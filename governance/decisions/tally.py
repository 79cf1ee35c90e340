"""How votes become an outcome: quorum, voting rules, ties. Pure: values in, values out, no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

APPROVED, REJECTED, LAPSED = "approved", "rejected", "lapsed"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One elector and what he or she did: `choice` is approve, reject, abstain, recuse, or "" (nothing yet)."""

    role: str
    voting: bool
    recused: bool
    choice: str = ""
    option: int = 0
    """Of a free question: the option this elector is for, from 1; 0 for every other choice and subject."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The count. `present` took part (abstentions included); `missing` could still vote; all are seats."""

    seats: int
    approve: int
    reject: int
    abstain: int
    recused: int
    missing: int
    chair: str = ""
    chair_can_vote: bool = False
    options: tuple[int, ...] = ()
    """Of a free question: the seats for each option, in order; their sum is `approve`."""
    chair_option: int = 0
    silent: int = 0
    """Of those counted: seats that said nothing until the end, by the rule of silence that the ballot froze."""

    @property
    def present(self) -> int:
        return self.approve + self.reject + self.abstain


def count(ballots: Iterable[Ballot], options: int = 0) -> Tally:
    """Count the voting seats of an electorate. A seat that stood aside is recused, whatever it was before.

    `options` is how many a free question has (0: approve or reject).
    """
    by_option, chair_option = [0] * options, 0
    approve = reject = abstain = recused = missing = seats = 0
    chair, chair_can_vote = "", False
    for one in ballots:
        if not one.voting:
            continue
        seats += 1
        aside = one.recused or one.choice == "recuse"
        if one.role == "chair":
            chair_can_vote = not aside and not one.choice
            chair = "" if aside else one.choice
            chair_option = 0 if aside else one.option
        if aside:
            recused += 1
        elif one.choice == "approve":
            approve += 1
            if options:
                by_option[one.option - 1] += 1
        elif one.choice == "reject":
            reject += 1
        elif one.choice == "abstain":
            abstain += 1
        else:
            missing += 1
    return Tally(
        seats,
        approve,
        reject,
        abstain,
        recused,
        missing,
        chair,
        chair_can_vote,
        tuple(by_option),
        chair_option,
    )


def with_silence(tally: Tally, counts_as: str, silent: int) -> Tally:
    """The count after the end of a ballot whose rule says what silence is: "consent" or "abstain" ("" for none).

    The `silent` of the missing seats, which could have voted and did not, are counted as approvals or abstentions, and
    make the quorum; the rest stays missing. A recused seat is never silent, and a chair's silence breaks no tie: that
    is for the chair's own vote.
    """
    if not counts_as or not silent:
        return tally
    field = {"consent": "approve", "abstain": "abstain"}[counts_as]
    more = {field: getattr(tally, field) + silent}
    return replace(tally, **more, missing=tally.missing - silent, silent=silent, chair_can_vote=False)


def quorum_of(
    seats: int, *, count: int | None, fraction: Fraction | None, recused: int = 0, lowered: bool = False
) -> int:
    """The voting seats that must take part: a fixed count, or a fraction of the voting seats, rounded up.

    Recusal lowers the votes, not the quorum, unless `lowered` (the charter says so); at least 1.
    """
    base = seats - recused if lowered else seats
    if count is not None:
        needed = count - recused if lowered else count
    else:
        share = (fraction or Fraction(1)) * base
        needed = -(-share.numerator // share.denominator)
    return max(1, needed)


def result(rule: str, tally: Tally, quorum: int) -> str:
    """The outcome if the ballot closed now: approved, rejected, or lapsed (no quorum took part).

    Simple: more approvals than rejections; a tie is broken by the chair's own vote, without one it is rejected.
    Two thirds: approvals are at least two thirds of approvals and rejections. Unanimous: no rejection, one
    approval at least. The chair decides: as the chair voted; without a chair's vote it lapses.
    Abstentions make a quorum and nothing else.
    """
    if tally.present < quorum:
        return LAPSED
    if rule == "chair_decides":
        return {"approve": APPROVED, "reject": REJECTED}.get(tally.chair, LAPSED)
    if rule == "two_thirds":
        passed = tally.approve > 0 and 3 * tally.approve >= 2 * (tally.approve + tally.reject)
    elif rule == "unanimous":
        passed = tally.approve > 0 and tally.reject == 0
    else:
        passed = tally.approve > tally.reject or (
            tally.approve == tally.reject and tally.approve > 0 and tally.chair == "approve"
        )
    return APPROVED if passed else REJECTED


def settled(rule: str, tally: Tally, quorum: int) -> bool:
    """Can the seats that did not vote yet no longer change the outcome? (Then a ballot may close early.)

    Three ends bound whatever they may do: all stay away, all approve, all reject. Further approvals never undo an
    approval, further rejections never a rejection, and a ballot lapses after further votes only if it would without.
    """
    if tally.options:
        return _settled_between(rule, tally, quorum)
    ends = (tally, _joined(tally, approve=tally.missing), _joined(tally, reject=tally.missing))
    return len({result(rule, one, quorum) for one in ends}) == 1


def chosen(rule: str, tally: Tally, quorum: int) -> tuple[str, int]:
    """The outcome of a free question: (approved, the option that passed), or (rejected or lapsed, 0).

    An option passes as a proposal would for which its own votes are the approvals, and the votes for every other
    option and for none of them the rejections. So at most one passes, and a plurality alone is not enough. A tie of
    one option with all others is broken by the chair's own option.
    """
    outcome = LAPSED
    for option, votes in enumerate(tally.options, 1):
        against = tally.approve - votes + tally.reject
        chair = tally.chair
        if chair == "approve" and tally.chair_option != option:
            chair = "reject"
        outcome = result(rule, replace(tally, approve=votes, reject=against, chair=chair), quorum)
        if outcome == APPROVED:
            return APPROVED, option
    return outcome, 0


def _settled_between(rule: str, tally: Tally, quorum: int) -> bool:
    """The same for a free question: the ends are that all stay away, all are for none, or all for one option."""
    ends = {chosen(rule, tally, quorum), chosen(rule, _joined(tally, reject=tally.missing), quorum)}
    for option, _ in enumerate(tally.options, 1):
        more = _joined(tally, approve=tally.missing)
        votes = tuple(n + tally.missing * (place == option) for place, n in enumerate(tally.options, 1))
        leads = option if tally.chair_can_vote and tally.missing else tally.chair_option
        ends.add(chosen(rule, replace(more, options=votes, chair_option=leads), quorum))
    return len(ends) == 1


def _joined(tally: Tally, *, approve: int = 0, reject: int = 0) -> Tally:
    """The count after all missing seats, the chair's among them, voted alike."""
    chair = ("approve" if approve else "reject") if tally.chair_can_vote and tally.missing else tally.chair
    return replace(
        tally, approve=tally.approve + approve, reject=tally.reject + reject, missing=0, chair=chair
    )


def in_words(rule: str) -> str:
    """The rule as the page says it."""
    return {
        "simple": "simple majority to pass",
        "two_thirds": "two thirds to pass",
        "unanimous": "unanimity to pass",
        "chair_decides": "the chair decides",
    }[rule]


def outcome_of(rule: str, tally: Tally, quorum: int) -> tuple[str, int]:
    """The outcome of any ballot, and the option that passed (0 where the subject has none, or none passed)."""
    if tally.options:
        return chosen(rule, tally, quorum)
    return result(rule, tally, quorum), 0
