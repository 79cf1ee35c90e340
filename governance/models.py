"""Contents page: every table of the slices of governance."""

from governance.authority.models import AuthorityRule
from governance.bodies.models import Body, Seat
from governance.decisions.models import ChainHead, Decision, DecisionRecord, Elector, Vote

__all__ = [
    "AuthorityRule",
    "Body",
    "ChainHead",
    "Decision",
    "DecisionRecord",
    "Elector",
    "Seat",
    "Vote",
]
