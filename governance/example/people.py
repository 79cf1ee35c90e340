"""The example's cast: who signs in, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from programs.portfolio.models import Program, Project

PASSWORD = "program-office-demo"  # noqa: S105 - printed by `up`; the example is for one machine and its visitor
DOMAIN = "atlas.example"

# key, name, title, role in the program, project it is limited to
CAST: tuple[tuple[str, str, str, str, str], ...] = (
    ("manager", "Mona Ortiz", "Technology program manager", Role.PROGRAM_MANAGER, ""),
    ("staff", "Stefan Puri", "PMO analyst", Role.PMO_STAFF, ""),
    ("controller", "Cora Lindqvist", "Finance controller", Role.FINANCE_CONTROLLER, ""),
    ("sponsor", "Dana Whitfield", "Chief information officer", Role.SPONSOR, ""),
    ("chair", "Ken Ito", "Chief financial officer", Role.COMMITTEE_CHAIR, ""),
    ("member", "Maria Sol", "Chief operating officer", Role.COMMITTEE_MEMBER, ""),
    ("member2", "Tom Reid", "Chief information security officer", Role.COMMITTEE_MEMBER, ""),
    ("auditor", "Nils Berg", "IT auditor", Role.AUDITOR, ""),
    ("assurance", "Ines Falk", "Head of independent assurance", Role.ASSURANCE, ""),
    ("dc", "Paul Marsh", "Project manager", Role.PROJECT_MANAGER, "DC-MIG"),
    ("erp", "Lena Okafor", "Project manager", Role.PROJECT_MANAGER, "ERP-FIN"),
    ("iam", "Saul Haas", "Project manager", Role.PROJECT_MANAGER, "IAM"),
    ("p2p", "Astrid Lund", "Project manager", Role.PROJECT_MANAGER, "BPR-P2P"),
    ("train", "Rui Dias", "Project manager", Role.PROJECT_MANAGER, "TRAIN"),
)
ADMINISTRATOR = ("admin", "Ada Keller")


@dataclass(frozen=True)
class Cast:
    """The people by their keys."""

    by_key: dict[str, User]

    def __getitem__(self, key: str) -> User:
        return self.by_key[key]


def email_of(key: str) -> str:
    """The address a person signs in with: the key at the example's domain."""
    return f"{key}@{DOMAIN}"


def make_people(*, time_zone: str) -> Cast:
    """The people, made where they are missing (found again where they are)."""
    people: dict[str, User] = {}
    for key, name in [(one[0], one[1]) for one in CAST] + [ADMINISTRATOR]:
        found = User.objects.filter(email=email_of(key)).first()
        people[key] = found or User.objects.create_user(
            email_of(key), PASSWORD, name=name, time_zone=time_zone, is_administrator=key == ADMINISTRATOR[0]
        )
    return Cast(people)


def give_roles(
    *, program: Program, projects: dict[str, Project], cast: Cast, since: date, by: User | None, at: datetime
) -> None:
    """Every role of the cast, in force since a day."""
    Membership.objects.bulk_create(
        Membership(
            program=program,
            user=cast[key],
            role=role,
            project=projects[project] if project else None,
            valid_from=since,
        )
        for key, _, _, role, project in CAST
    )
