"""Rights as readable code: what may be done, and which roles may do it. Only memberships are data."""

from collections.abc import Iterable
from enum import StrEnum

from django.db import models


class Permission(StrEnum):
    VIEW_PROGRAM = "view_program"  # plan, dashboard, reports, decisions
    VIEW_MONEY = "view_money"  # budgets, ledger, earned value
    VIEW_HISTORY = "view_history"
    BEGIN_PROGRAM = "begin_program"  # held in any program, for another one
    EDIT_PLAN = "edit_plan"
    EDIT_PROGRAM = "edit_program"  # settings, projects, calendars
    REPORT_PROGRESS = "report_progress"
    EDIT_RISKS = "edit_risks"
    ACCEPT_DELIVERY = "accept_delivery"  # what is handed over, requirement by requirement
    KEEP_GATES = "keep_gates"  # which gates, which criteria, who reviews
    RATE_HEALTH = "rate_health"  # as the manager of the program or project
    ASSURE = "assure"  # rate as independent assurance, never what one manages
    EDIT_BUDGET = "edit_budget"
    EDIT_POLICY = "edit_policy"  # clauses of the budget policy
    POST_ACTUALS = "post_actuals"
    CLOSE_PERIOD = "close_period"
    REQUEST_CAPITAL = "request_capital"
    KEEP_VENDORS = "keep_vendors"
    PLACE_ORDER = "place_order"  # out of what was approved
    RECEIVE_GOODS = "receive_goods"
    REVIEW_INVESTMENT = "review_investment"
    RELEASE_PAYMENT = "release_payment"  # of an invoice that does not match
    FORECAST = "forecast"  # what the rest will cost
    IMPORT = "import"
    BUILD_REPORTS = "build_reports"
    SUBSCRIBE = "subscribe"
    PROPOSE_DECISION = "propose_decision"
    OPEN_BALLOT = "open_ballot"
    KEEP_MEETINGS = "keep_meetings"  # agendas, minutes, attendance, action items
    VOTE = "vote"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_OUTBOX = "manage_outbox"


# Acts that need a person present: an API token answers 403 (decisions.md 12).
PERSON_ONLY = frozenset(
    {
        Permission.VOTE,
        Permission.OPEN_BALLOT,
        Permission.MANAGE_MEMBERS,
        Permission.CLOSE_PERIOD,
        Permission.BEGIN_PROGRAM,  # who begins one holds roles in it
    }
)


class Role(models.TextChoices):
    PROGRAM_MANAGER = "program_manager", "Program manager"
    PMO_STAFF = "pmo_staff", "PMO staff"
    PROJECT_MANAGER = "project_manager", "Project manager"
    FINANCE_CONTROLLER = "finance_controller", "Finance controller"
    COMMITTEE_CHAIR = "committee_chair", "Committee chair"
    COMMITTEE_MEMBER = "committee_member", "Committee member"
    SPONSOR = "sponsor", "Executive sponsor"
    AUDITOR = "auditor", "Auditor"
    ASSURANCE = "assurance", "Independent assurance"
    ADMINISTRATOR = "administrator", "Administrator"


P = Permission
_READ = frozenset({P.VIEW_PROGRAM, P.VIEW_MONEY})
GRANTS: dict[str, frozenset[Permission]] = {
    Role.PROGRAM_MANAGER: _READ
    | {
        P.VIEW_HISTORY,
        P.EDIT_PLAN,
        P.EDIT_PROGRAM,
        P.REPORT_PROGRESS,
        P.EDIT_RISKS,
        P.ACCEPT_DELIVERY,
        P.KEEP_GATES,
        P.RATE_HEALTH,
        P.EDIT_BUDGET,
        P.FORECAST,
        P.REQUEST_CAPITAL,
        P.PLACE_ORDER,
        P.RECEIVE_GOODS,
        P.RELEASE_PAYMENT,
        P.REVIEW_INVESTMENT,
        P.IMPORT,
        P.BUILD_REPORTS,
        P.SUBSCRIBE,
        P.PROPOSE_DECISION,
        P.OPEN_BALLOT,
        P.KEEP_MEETINGS,
        P.MANAGE_MEMBERS,  # those that GIVES names
        P.MANAGE_OUTBOX,
    },
    Role.PMO_STAFF: _READ
    | {
        P.VIEW_HISTORY,
        P.BEGIN_PROGRAM,
        P.EDIT_PLAN,
        P.REPORT_PROGRESS,
        P.EDIT_RISKS,
        P.ACCEPT_DELIVERY,
        P.KEEP_GATES,
        P.RECEIVE_GOODS,
        P.REVIEW_INVESTMENT,
        P.IMPORT,
        P.BUILD_REPORTS,
        P.SUBSCRIBE,
        P.PROPOSE_DECISION,
        P.KEEP_MEETINGS,
    },
    Role.PROJECT_MANAGER: _READ
    | {
        P.EDIT_PLAN,
        P.REPORT_PROGRESS,
        P.EDIT_RISKS,
        P.RATE_HEALTH,
        P.REQUEST_CAPITAL,
        P.PLACE_ORDER,
        P.RECEIVE_GOODS,
        P.FORECAST,
        P.BUILD_REPORTS,
        P.SUBSCRIBE,
    },
    Role.FINANCE_CONTROLLER: _READ
    | {
        P.VIEW_HISTORY,
        P.EDIT_BUDGET,
        P.EDIT_POLICY,
        P.FORECAST,
        P.POST_ACTUALS,
        P.KEEP_VENDORS,
        P.CLOSE_PERIOD,
        P.RELEASE_PAYMENT,
        P.REVIEW_INVESTMENT,
        P.IMPORT,
        P.BUILD_REPORTS,
        P.SUBSCRIBE,
        P.PROPOSE_DECISION,
    },
    Role.COMMITTEE_CHAIR: _READ | {P.VOTE, P.OPEN_BALLOT, P.KEEP_MEETINGS, P.SUBSCRIBE, P.BUILD_REPORTS},
    Role.COMMITTEE_MEMBER: _READ | {P.VOTE, P.SUBSCRIBE},
    Role.SPONSOR: _READ | {P.VOTE, P.ACCEPT_DELIVERY, P.SUBSCRIBE, P.BUILD_REPORTS},
    Role.AUDITOR: _READ | {P.VIEW_HISTORY},
    Role.ASSURANCE: _READ | {P.VIEW_HISTORY, P.ASSURE},
    Role.ADMINISTRATOR: frozenset(
        {P.MANAGE_MEMBERS, P.MANAGE_OUTBOX, P.BEGIN_PROGRAM}  # no business data by right
    ),
}

# Who may give, change and end (but for GIVES_ONLY) which roles, in the program in which the own role is held. But for
# the administrator, who keeps members and works with none of it, nobody gives a right that the own role lacks; nobody
# gives to oneself.
GIVES: dict[str, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset(Role.values),
    Role.PROGRAM_MANAGER: frozenset({Role.PROGRAM_MANAGER, Role.PROJECT_MANAGER, Role.AUDITOR}),
}

# What a role gives but does not change or end: who is looked at does not send away who looks.
GIVES_ONLY: dict[str, frozenset[str]] = {Role.PROGRAM_MANAGER: frozenset({Role.AUDITOR})}

# Two rights that one person should not hold together: said before a second role is given, which may be given all the
# same where somebody decides so.
APART: tuple[tuple[Permission, Permission, str], ...] = (
    (P.VOTE, P.REQUEST_CAPITAL, "asks for money and votes on it"),
    (P.VOTE, P.PROPOSE_DECISION, "proposes decisions and votes on them"),
    (P.VOTE, P.POST_ACTUALS, "books cost and votes on the money for it"),
    (P.REQUEST_CAPITAL, P.POST_ACTUALS, "asks for money and books what was paid"),
    (P.ASSURE, P.RATE_HEALTH, "rates health as its manager and as independent assurance"),
)


def clashes(held: Iterable[str], more: Iterable[str]) -> list[str]:
    """What a person who holds these roles would newly unite in one hand with `more`, in words."""
    before = set().union(*(GRANTS[role] for role in held))
    after = before.union(*(GRANTS[role] for role in more))
    return [words for one, other, words in APART if {one, other} <= after and not {one, other} <= before]


SENTENCES: dict[str, str] = {
    Role.PROGRAM_MANAGER: "leads the program: plan, risks, budget proposals, imports, reports, managers; does not vote",
    Role.PMO_STAFF: "begins programs, keeps plan, gates, risks, imports and minutes, says what came; does not vote",
    Role.PROJECT_MANAGER: "edits the plan of own projects, asks for capital for them and orders; reads the program",
    Role.FINANCE_CONTROLLER: "keeps budgets, their policy, actuals, vendors and periods; does not vote",
    Role.COMMITTEE_CHAIR: "opens ballots and votes in the committee",
    Role.COMMITTEE_MEMBER: "votes in the committee",
    Role.SPONSOR: "decides within the delegated limit, accepts what is handed over, receives the summary",
    Role.AUDITOR: "reads everything in the program with its history; changes nothing",
    Role.ASSURANCE: "rates health beside its managers, whom it does not belong to; changes nothing else",
    Role.ADMINISTRATOR: "keeps members and the outbox, begins programs; sees no plan and no money",
}
