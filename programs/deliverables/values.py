"""What is written of a deliverable and its requirements, checked once for change requests and for direct edits.

Days are ISO text here, as an edit of a change request keeps them; requirements are words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from pmo.refusals import Refused
from programs.portfolio.models import CODE, Project

MOST = 50
"""Requirements that one edit adds."""
CLOSED = (Project.State.COMPLETE, Project.State.CANCELLED)
EARLIEST = 1990
_YEARS = range(EARLIEST, 2200)


def values(given: Any, allowed: Collection[str]) -> dict[str, Any]:
    """The values as they are kept. Raises Refused at the field."""
    if not isinstance(given, Mapping) or set(given) - set(allowed):
        raise Refused(
            "Only code, name, due day and requirements of a deliverable can be proposed.", code="not-editable"
        )
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name == "requirements":
            found[name] = requirements(value)
            continue
        text = value.strip() if isinstance(value, str) else ""
        if not text or "\x00" in text:
            raise Refused("Write what it is to be.", field=name)
        if name == "name" and len(text) > 200:
            raise Refused("A name has at most 200 characters.", field=name)
        found[name] = day(text) if name == "due_on" else text
    return found


def whole(to: Mapping[str, Any]) -> None:
    """Raise Refused at the field where a new deliverable lacks something: a code, a name, a day, a requirement."""
    for name, said in (("code", "Give the deliverable a code."), ("name", "Give the deliverable a name."),
                       ("due_on", "Say by which day it is handed over.")):  # fmt: skip
        if not to.get(name):
            raise Refused(said, field=name)
    try:
        CODE(to["code"])
    except ValidationError as error:
        raise Refused(error.messages[0], field="code") from error


def day(text: str) -> str:
    """A day as ISO text. Raises Refused at `due_on`."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Refused("Write a day such as 2027-03-31.", field="due_on") from None
    if found.year not in _YEARS:
        raise Refused("Write a day from 1990 to 2199.", field="due_on")
    return found.isoformat()


def requirements(given: Any) -> list[str]:
    """The words of requirements, whether typed or kept in an edit. Raises Refused at `requirements`."""
    if not isinstance(given, list) or len(given) > MOST:
        raise Refused(f"Write one requirement a line, at most {MOST} of them.", field="requirements")
    return [wording(one.get("text") if isinstance(one, Mapping) else one) for one in given]


def wording(given: Any, field: str = "requirements") -> str:
    """The words of one requirement. Raises Refused at the field."""
    text = given.strip() if isinstance(given, str) else ""
    if not text or len(text) > 400 or "\x00" in text:
        raise Refused("A requirement has words, at most 400 characters.", field=field)
    return text


def numbered(known: Collection[str], code: str, texts: Sequence[str]) -> list[dict[str, str]]:
    """Requirements with the next free codes of their deliverable; `known` are codes that exist."""
    start = f"{code}-R"
    used = [one.removeprefix(start) for one in known if one.startswith(start)]
    last = max((int(one) for one in used if one.isdecimal()), default=0)
    if len(f"{start}{last + len(texts)}") > 30:
        raise Refused("The code is too long: its requirements are numbered after it.", field="code")
    return [{"code": f"{start}{n}", "text": text} for n, text in enumerate(texts, last + 1)]


def refuse_closed(project: Project) -> None:
    """Refused, in words, where the project is closed."""
    if project.state in CLOSED:
        raise Refused(f"{project.code} is closed: its deliverables stay as they are.", field="project")
