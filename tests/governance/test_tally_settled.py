"""When a ballot may close early: against every vote that could still come."""

from itertools import product

import pytest

from governance.decisions.tally import Ballot, count, outcome_of, result, settled
from tests.governance.test_tally import answers, ballots


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


@pytest.mark.parametrize("rule", ["simple", "two_thirds", "unanimous", "chair_decides"])
def test_a_free_question_is_settled_exactly_when_no_later_vote_can_change_it(rule: str) -> None:
    """Against every possible vote of every missing seat, for every state of a committee of three and two options."""
    for states in product("12-0.", repeat=3):
        words = [f"C{states[0]}", *states[1:]]
        ways = [["1", "2", "-", "0", "."] if state == "." else [state] for state in states]
        for quorum in (1, 2, 3):
            ends = {
                outcome_of(rule, answers(" ".join([f"C{one[0]}", *one[1:]])), quorum)
                for one in product(*ways)
            }
            assert settled(rule, answers(" ".join(words)), quorum) == (len(ends) == 1), (words, quorum)
