"""Contents page: every table of the slices of governance."""

from governance.authority.models import AuthorityRule
from governance.bodies.models import Body, Seat
from governance.decisions.models import ChainHead, Decision, DecisionRecord, Elector, Vote
from governance.meetings.models import ActionItem, AgendaItem, Attendance, Meeting, MeetingSeries

__all__ = [
    "ActionItem",
    "AgendaItem",
    "Attendance",
    "AuthorityRule",
    "Body",
    "ChainHead",
    "Decision",
    "DecisionRecord",
    "Elector",
    "Meeting",
    "MeetingSeries",
    "Seat",
    "Vote",
]
