"""How votes become an outcome, in the committee's own language."""

from fractions import Fraction
from itertools import product

import pytest

from governance.decisions.tally import Ballot, count, quorum_of, result, settled


def ballots(text: str) -> list[Ballot]:
    """`C+ +  - 0 . r` : chair approved, member approved, rejected, abstained, not voted, recused; `o` observer."""
    choices = {"+": "approve", "-": "reject", "0": "abstain", ".": "", "r": "", "s": "recuse", "o": ""}
    return [
        Ballot("chair" if word[0] == "C" else "member", word[-1] != "o", word[-1] == "r", choices[word[-1]])
        for word in text.split()
    ]


@pytest.mark.parametrize(
    ("rule", "votes", "quorum", "outcome"),
    [
        ("simple", "C+ + - . .", 3, "approved"),
        ("simple", "C+ - - . .", 3, "rejected"),
        ("simple", "C+ + . . .", 3, "lapsed"),  # two of five is no quorum of three
        ("simple", "C+ 0 0", 3, "approved"),  # abstentions make the quorum and nothing else
        ("simple", "C0 0 0", 3, "rejected"),  # nobody approved
        ("simple", "C+ + - -", 3, "approved"),  # a tie: the chair's own vote decides
        ("simple", "C- + + -", 3, "rejected"),
        ("simple", "C0 + -", 3, "rejected"),  # a tie without a chair's vote
        ("simple", "Cr + -", 2, "rejected"),  # the chair is recused: no casting vote
        ("two_thirds", "C+ + -", 3, "approved"),  # exactly two thirds
        ("two_thirds", "C+ + + - -", 3, "rejected"),  # three fifths
        ("two_thirds", "C+ + 0 -", 3, "approved"),  # two of the three who chose
        ("unanimous", "C+ + 0", 3, "approved"),
        ("unanimous", "C+ + -", 3, "rejected"),
        ("unanimous", "C0 0 0", 3, "rejected"),
        ("chair_decides", "C+ - -", 2, "approved"),
        ("chair_decides", "C- + +", 2, "rejected"),
        ("chair_decides", "C. + +", 2, "lapsed"),
        ("simple", "C+ + s", 3, "lapsed"),  # who stands aside during the ballot does not make the quorum
        ("simple", "C+ + o", 2, "approved"),
    ],
)
def test_votes_become_the_outcome_that_the_charter_says(
    rule: str, votes: str, quorum: int, outcome: str
) -> None:
    assert result(rule, count(ballots(votes)), quorum) == outcome


@pytest.mark.parametrize(
    ("seats", "how", "recused", "lowered", "needed"),
    [
        (5, {"count": 3}, 0, False, 3),
        (5, {"count": 3}, 1, False, 3),  # recusal lowers the votes, not the quorum
        (5, {"count": 3}, 1, True, 2),  # unless the charter says so
        (5, {"fraction": Fraction(1, 2)}, 0, False, 3),  # rounded up
        (6, {"fraction": Fraction(2, 3)}, 0, False, 4),  # exactly, no rounding error
        (7, {"fraction": Fraction(2, 3)}, 0, False, 5),
        (5, {"fraction": Fraction(1, 2)}, 2, True, 2),
        (1, {"count": 1}, 0, False, 1),
        (3, {"count": 1}, 2, True, 1),  # never nobody
    ],
)
def test_a_quorum_is_counted_in_voting_seats(
    seats: int, how: dict, recused: int, lowered: bool, needed: int
) -> None:
    values = {"count": None, "fraction": None, **how}
    assert quorum_of(seats, recused=recused, lowered=lowered, **values) == needed


def test_an_observer_has_no_seat_in_the_count() -> None:
    tally = count(ballots("C+ o o"))
    assert (tally.seats, tally.present) == (1, 1)


@pytest.mark.parametrize("rule", ["simple", "two_thirds", "unanimous", "chair_decides"])
def test_a_ballot_counts_as_settled_exactly_when_no_later_vote_can_change_it(rule: str) -> None:
    """Against trying every possible vote of every missing seat, for every state of a committee of four."""
    for states in product("+-0.r", repeat=4):
        text = "C" + " ".join(states)
        now = ballots(text)
        missing = [place for place, one in enumerate(now) if not one.choice and not one.recused]
        outcomes = set()
        for choices in product(("approve", "reject", "abstain", ""), repeat=len(missing)):
            later = list(now)
            for place, choice in zip(missing, choices, strict=True):
                later[place] = Ballot(now[place].role, True, False, choice)
            outcomes.add(result(rule, count(later), 2))
        assert settled(rule, count(now), 2) == (len(outcomes) == 1), text
