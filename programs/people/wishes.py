"""Who is to be invited, as a person writes it: a name, an address, roles. Each mistake is said with its line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pmo.accounts.roles import Role
from pmo.refusals import Refused
from programs.portfolio.models import Project

MOST_LINES = 50
LONGEST_NAME = 120
_UNTIL = re.compile(r"until\s+(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_ROLES = {one.label.lower(): one.value for one in Role} | {one.value: one.value for one in Role}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One role; a project manager's names the project."""

    role: str
    project: Project | None = None


@dataclass(slots=True)
class Wish:
    """One person to be invited. `line` is where it stands in what was pasted (1 is the first; 0: in no line)."""

    email: str
    name: str
    roles: list[Wanted] = field(default_factory=list)
    until: date | None = None
    line: int = 0


def clean_email(text: str) -> str:
    """The address in small letters, or Refused: letters that only look like those of a keyboard are named."""
    given = text.strip()
    for letter in given:
        if not letter.isascii() or not letter.isprintable():
            said = unicodedata.name(letter, "a control character").lower() if letter.isprintable() else ""
            raise Refused(
                f"An address has plain letters only; this one has {said or 'a control character'}.",
                field="email",
            )
    try:
        validate_email(given)
    except ValidationError:
        raise Refused("This is no e-mail address.", field="email") from None
    if len(given) > 254:
        raise Refused("An address has at most 254 letters.", field="email")
    return given.lower()


def clean_name(text: str) -> str:
    """The name on one line, or Refused."""
    given = " ".join(text.split(" ")).strip()
    if not given or len(given) > LONGEST_NAME:
        raise Refused(f"Give a name of at most {LONGEST_NAME} letters.", field="name")
    if not given.isprintable() or any(letter in given for letter in "<>"):
        raise Refused("A name stands on one line, without signs that cannot be seen.", field="name")
    return given


def alike(name: str) -> str:
    """What two names have in common that are read as one: small letters, one form of each, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def read(text: str, projects: Iterable[Project]) -> list[Wish]:
    """The people in lines `name <mail>, role[, PROJECT][, until 2027-01-31]`; Refused with all mistakes, by line.

    Several lines with one address are one person with several roles. Empty lines do not count.
    """
    known = {one.code.lower(): one for one in projects}
    found: dict[str, Wish] = {}
    errors: dict[str, list[str]] = {}
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise Refused("Paste a line for each person.", field="lines")
    if len(lines) > MOST_LINES:
        raise Refused(f"At most {MOST_LINES} lines at once.", field="lines")
    for n, line in lines:
        try:
            one = _line(n, line, known)
            _merge(found, one)
        except Refused as refusal:
            errors[f"line {n}"] = [refusal.message]
    if errors:
        raise refused_lines(errors)
    return list(found.values())


def refused_lines(errors: dict[str, list[str]]) -> Refused:
    """All mistakes at once, each with its line."""
    said = " ".join(f"{where.capitalize()}: {' '.join(words)}" for where, words in errors.items())
    refusal = Refused(f"Nobody was invited. {said}", field="lines", code="bad-lines")
    refusal.errors = errors
    return refusal


def _line(n: int, line: str, known: dict[str, Project]) -> Wish:
    who, *rest = [part.strip() for part in line.split(",")]
    name, _, address = who.partition("<")
    email, closed, after = address.partition(">")
    if not closed or after.strip() or ">" in name or "<" in email or len(email.split()) != 1:
        raise Refused("Begin with name <address>, then a comma and the role.")
    wish = Wish(clean_email(email), clean_name(name.strip()), line=n)
    role, project = "", None
    for part in rest:
        if ending := _UNTIL.fullmatch(part):
            wish.until = _day(ending[1])
        elif not role and part.lower() in _ROLES:
            role = _ROLES[part.lower()]
        elif project is None and part.lower() in known:
            project = known[part.lower()]
        else:
            raise Refused(f"“{part[:40]}” is neither a role, a project of this program, nor until and a day.")
    if not role:
        raise Refused("No role is named.")
    if (role == Role.PROJECT_MANAGER) != (project is not None):
        raise Refused("A project manager needs the code of a project, and no other role has one.")
    wish.roles.append(Wanted(role, project))
    return wish


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text} is no day.") from None


def _merge(found: dict[str, Wish], one: Wish) -> None:
    there = found.setdefault(one.email, one)
    if there is one:
        return
    if (there.name, there.until) != (one.name, one.until):
        raise Refused(f"Line {there.line} has this address with another name or another end.")
    if one.roles[0] in there.roles:
        raise Refused(f"Line {there.line} says the same.")
    there.roles += one.roles
