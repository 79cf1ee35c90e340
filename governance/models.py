"""Contents page: every table of the slices of governance."""

from governance.authority.models import AuthorityRule
from governance.bodies.models import Body, Seat
from governance.bodies.standing_models import Absence, Alternate, Proxy
from governance.decisions.condition_models import Condition
from governance.decisions.models import ChainHead, Decision, DecisionRecord, Elector, Vote
from governance.escalations.models import Escalation, EscalationMove, LadderStep
from governance.health.models import StatedRating
from governance.meetings.models import ActionItem, AgendaItem, Attendance, Meeting, MeetingSeries
from governance.questions.models import FreeQuestion

__all__ = [
    "Absence",
    "ActionItem",
    "AgendaItem",
    "Alternate",
    "Attendance",
    "AuthorityRule",
    "Body",
    "ChainHead",
    "Condition",
    "Decision",
    "DecisionRecord",
    "Elector",
    "Escalation",
    "EscalationMove",
    "FreeQuestion",
    "LadderStep",
    "Meeting",
    "MeetingSeries",
    "Proxy",
    "Seat",
    "StatedRating",
    "Vote",
]
