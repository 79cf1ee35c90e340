"""How an address is declared: who gets past its door, by which method, with which objects of the cast."""

from __future__ import annotations

from dataclasses import dataclass, field

ROLES = (
    "program_manager",
    "staff",
    "erp_manager",
    "iam_manager",
    "controller",
    "chair",
    "member",
    "member2",
    "sponsor",
    "auditor",
    "assurance",
    "administrator",
)
_ALL = set(ROLES)
_BUSINESS = _ALL - {"administrator"}
_PROJECT = {"erp_manager", "iam_manager"}
MAY: dict[str, set[str]] = {
    "view_program": _BUSINESS,
    "view_money": _BUSINESS,
    "view_history": {"program_manager", "staff", "controller", "auditor", "assurance"},
    "begin_program": {"staff", "administrator"},
    "edit_plan": {"program_manager", "staff", *_PROJECT},
    "edit_program": {"program_manager"},
    "report_progress": {"program_manager", "staff", *_PROJECT},
    "accept_delivery": {"program_manager", "staff", "sponsor"},
    "keep_gates": {"program_manager", "staff"},
    "rate_health": {"program_manager", *_PROJECT},
    "assure": {"assurance"},
    "edit_risks": {"program_manager", "staff", *_PROJECT},
    "edit_budget": {"program_manager", "controller"},
    "edit_policy": {"controller"},
    "post_actuals": {"controller"},
    "close_period": {"controller"},
    "place_order": {"program_manager", *_PROJECT},
    "keep_vendors": {"controller"},
    "receive_goods": {"program_manager", "staff", *_PROJECT},
    "release_payment": {"program_manager", "controller"},
    "review_investment": {"program_manager", "staff", "controller"},
    "request_capital": {"program_manager", *_PROJECT},
    "forecast": {"program_manager", "controller", *_PROJECT},
    "import": {"program_manager", "staff", "controller"},
    "build_reports": {"program_manager", "staff", "controller", "chair", "sponsor", *_PROJECT},
    "subscribe": _BUSINESS - {"auditor", "assurance"},
    "propose_decision": {"program_manager", "staff", "controller"},
    "open_ballot": {"program_manager", "chair"},
    "keep_meetings": {"program_manager", "staff", "chair"},
    "vote": {"chair", "member", "member2", "sponsor"},
    "manage_members": {"program_manager", "administrator"},
    "the office's": {"administrator"},  # not a right either: she keeps the accounts of the office
    "the sponsor's": {"sponsor"},  # not a right: the subscription of the tests is hers
    "manage_outbox": {"program_manager", "administrator"},
}
# Rights of a project manager reach into one project; the objects of the tests lie in ERP-FIN.
LIMITED = {
    "edit_plan",
    "report_progress",
    "edit_risks",
    "rate_health",
    "request_capital",
    "place_order",
    "receive_goods",
    "forecast",
    "build_reports",
    "subscribe",
}


@dataclass(frozen=True)
class Need:
    """Who gets past the door: everybody, who is signed in, who has any role, or who holds a right.

    reach: "program" (a project manager's limited right is not enough), "somewhere" (it is), "erp" (it is where the
    object lies in that project), "office" (it lies in no program: who is in none is refused, not sent away).
    `or_not`: past the door the deed itself may still refuse (403) for a reason that
    is not the role: somebody else's vote, subscription or request. `hidden`: for the others it does not exist.
    """

    who: str
    reach: str = "program"
    or_not: bool = False
    hidden: bool = False

    def lets(self, role: str) -> bool:
        """May this role of the program pass?"""
        if self.who in ("anybody", "signed in", "member"):
            return True
        if role not in MAY[self.who]:
            return False
        if self.who in LIMITED and role in _PROJECT:
            return self.reach == "somewhere" or (self.reach == "erp" and role == "erp_manager")
        return True


@dataclass(frozen=True)
class Route:
    """One address: what its names stand for, and what each method needs. A method that is not here is 405."""

    methods: dict[str, Need]
    names: dict[str, str] = field(default_factory=dict)
    query: str = ""


ANYBODY, SIGNED_IN, MEMBER = Need("anybody"), Need("signed in"), Need("member")


def of(right: str, reach: str = "program", or_not: bool = False) -> Need:
    return Need(right, reach, or_not)


def reads(right: str, **names: str) -> Route:
    """Only read, by who holds this right."""
    return Route({"GET": of(right)}, names)


def acts(right: str, reach: str = "program", or_not: bool = False, **names: str) -> Route:
    """Only posted to."""
    return Route({"POST": of(right, reach, or_not)}, names)


def form(right: str, reach: str = "program", or_not: bool = False, **names: str) -> Route:
    """A form: shown to and taken from the same people."""
    return Route({"GET": of(right, reach), "POST": of(right, reach, or_not)}, names)


def page_and_form(sees: str, edits: Need, **names: str) -> Route:
    """A page that everybody reads and some edit on."""
    return Route({"GET": of(sees), "POST": edits}, names)


def listed(
    basename: str, kind: str, sees: str = "view_program", post: Need | None = None, **detail: Need
) -> dict[str, Route]:
    """The list and the detail of one kind of row in the API."""
    return {
        f"api:{basename}-list": Route({"GET": of(sees), **({"POST": post} if post else {})}),
        f"api:{basename}-detail": Route({"GET": of(sees), **detail}, {"pk": kind}),
    }


PLAN = of("edit_plan", "erp")
HERS = Need("the sponsor's", hidden=True)
RISKS = of("edit_risks", "erp")
BEGINS = Need("begin_program", "office")
OFFICE = Need("the office's", "office")
