"""How votes become an outcome, in the committee's own language."""

from fractions import Fraction

import pytest

from governance.decisions.tally import (
    Ballot,
    Tally,
    count,
    outcome_of,
    quorum_of,
    result,
    settled,
    with_silence,
)


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


# ------------------------------------------------------------------ every number of the count, and free questions
def test_each_seat_is_counted_where_it_belongs() -> None:
    tally = count(ballots("C+ + - 0 . r s o"))
    assert (tally.seats, tally.approve, tally.reject, tally.abstain, tally.recused, tally.missing) == (
        7, 2, 1, 1, 2, 1,
    )  # fmt: skip
    assert (tally.chair, tally.chair_can_vote, tally.options, tally.chair_option) == ("approve", False, (), 0)
    assert Ballot("member", True, False).option == 0
    nobody = count([])
    assert (nobody.chair, nobody.chair_can_vote, nobody.chair_option) == ("", False, 0)
    bare = Tally(1, 0, 0, 0, 0, 1)
    assert (bare.chair_can_vote, bare.chair_option, bare.options) == (False, 0, ())


def test_one_approval_is_enough_and_none_is_not() -> None:
    for rule in ("simple", "two_thirds", "unanimous"):
        assert result(rule, Tally(1, 1, 0, 0, 0, 0), 1) == "approved"
        assert result(rule, Tally(1, 0, 0, 1, 0, 0), 1) == "rejected"
        assert result(rule, Tally(1, 0, 0, 1, 0, 0, chair="approve"), 1) == "rejected"
    assert result("simple", Tally(2, 1, 1, 0, 0, 0, chair="approve"), 1) == "approved"
    assert outcome_of("simple", Tally(1, 1, 0, 0, 0, 0), 1) == ("approved", 0)


def test_a_quorum_without_a_number_is_every_seat() -> None:
    assert quorum_of(5, count=None, fraction=None) == 5
    assert quorum_of(5, count=3, fraction=None, recused=1) == 3
    assert quorum_of(5, count=3, fraction=None, lowered=True) == 3


def answers(text: str, options: int = 2) -> Tally:
    """`C1 2 - 0 . r`: the chair is for option 1, a member for option 2, one for none, an abstention ..."""
    made = []
    for word in text.split():
        role, sign = ("chair" if word[0] == "C" else "member"), word[-1]
        option = int(sign) if sign in "123" else 0
        choice = "approve" if option else {"-": "reject", "0": "abstain"}.get(sign, "")
        made.append(Ballot(role, True, sign == "r", choice, option))
    return count(made, options)


@pytest.mark.parametrize(
    ("rule", "votes", "quorum", "outcome"),
    [
        ("simple", "C1 1 2", 3, ("approved", 1)),
        ("simple", "C2 1 2", 3, ("approved", 2)),
        ("simple", "C1 1 2 2", 3, ("approved", 1)),  # a tie of the one with all others: the chair's own
        ("simple", "C2 1 1 2", 3, ("approved", 2)),
        ("simple", "C0 1 2", 3, ("rejected", 0)),
        ("simple", "C1 2 -", 3, ("rejected", 0)),  # a plurality of nobody
        ("simple", "C1 1 -", 4, ("lapsed", 0)),
        ("two_thirds", "C1 1 2", 3, ("approved", 1)),
        ("two_thirds", "C1 2 1 2", 3, ("rejected", 0)),
        ("unanimous", "C2 2 0", 3, ("approved", 2)),
        ("unanimous", "C2 2 1", 3, ("rejected", 0)),
        ("chair_decides", "C2 1 1", 3, ("approved", 2)),
        ("chair_decides", "C- 1 1", 3, ("rejected", 0)),
        ("chair_decides", "C. 1 1", 2, ("lapsed", 0)),
    ],
)
def test_an_option_passes_as_a_proposal_would(
    rule: str, votes: str, quorum: int, outcome: tuple[str, int]
) -> None:
    assert outcome_of(rule, answers(votes), quorum) == outcome


def test_the_seats_of_each_option_are_counted_in_their_order() -> None:
    tally = answers("C2 1 2 3 - .", options=3)
    assert (tally.options, tally.approve, tally.reject, tally.missing, tally.chair_option) == (
        (1, 2, 1), 4, 1, 1, 2,
    )  # fmt: skip
    assert answers("Cr 1").chair_option == 0
    aside = count([Ballot("chair", True, True, "approve", 2), Ballot("member", True, False, "approve", 1)], 2)
    assert (aside.chair, aside.chair_option, aside.options) == ("", 0, (1, 0))


def test_a_member_who_votes_last_may_still_lift_an_option_over_the_rest() -> None:
    """Two for the first, one for the second, one for none: the last voice makes it three against two."""
    open_yet = answers("C0 1 1 2 - .")
    assert outcome_of("simple", open_yet, 3) == ("rejected", 0)
    assert outcome_of("simple", answers("C0 1 1 2 - 1"), 3) == ("approved", 1)
    assert not settled("simple", open_yet, 3)


# ------------------------------------------------------------------ what silence means when the time is over
def test_who_is_silent_consents_where_the_charter_says_so() -> None:
    """Two for it, three against, of seven: two who had the paper and said nothing carry it."""
    tally = count(ballots("C+ + - - - . ."))
    after = with_silence(tally, "consent", 2)
    assert (after.approve, after.reject, after.abstain, after.missing, after.silent) == (4, 3, 0, 0, 2)
    assert (result("simple", tally, 4), result("simple", after, 4)) == ("rejected", "approved")


def test_who_is_silent_abstains_where_the_charter_says_so_and_makes_the_quorum() -> None:
    tally = count(ballots("C+ . . ."))
    after = with_silence(tally, "abstain", 2)
    assert (after.approve, after.abstain, after.missing, after.silent) == (1, 2, 1, 2)
    assert (result("simple", tally, 3), result("simple", after, 3)) == ("lapsed", "approved")


def test_a_silent_chair_breaks_no_tie() -> None:
    tally = count(ballots("C. + + - -"))
    assert tally.chair_can_vote
    after = with_silence(tally, "abstain", 1)
    assert not after.chair_can_vote
    assert result("simple", after, 3) == "rejected"


def test_silence_means_nothing_where_the_charter_is_silent_too_or_nobody_was() -> None:
    tally = count(ballots("C+ + ."))
    assert tally.silent == 0
    assert with_silence(tally, "", 1) == tally
    assert with_silence(tally, "consent", 0) == tally
    # A chair who may still vote stays one who may.
    waiting = count(ballots("C. +"))
    assert with_silence(waiting, "", 1).chair_can_vote and with_silence(waiting, "consent", 0).chair_can_vote
