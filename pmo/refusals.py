"""Foreseen refusals: a sentence for the person, and the field it belongs to."""

from __future__ import annotations


class Refused(Exception):
    """A foreseen refusal. A page answers 422 with the form, the API a problem document, a job a warning."""

    status = 422
    api_status: int | None = None  # where the API answers another status than a page
    errors: dict[str, list[str]] | None = None  # where one sentence is not enough: by field or row
    told: dict[str, object] | None = None  # further members of the API's problem document

    def __init__(self, message: str, *, field: str | None = None, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code


class NotAllowed(Refused):
    """The person may see the thing but not do this with it."""

    status = 403

    def __init__(self, message: str = "Your role does not allow this.", **kwargs: str) -> None:
        super().__init__(message, code=kwargs.get("code", "not-allowed"), field=kwargs.get("field"))


class Conflict(Refused):
    """Somebody else was first: the thing changed or was decided meanwhile."""

    status = 409

    def __init__(self, message: str, **kwargs: str) -> None:
        super().__init__(message, code=kwargs.get("code", "conflict"), field=kwargs.get("field"))


# Names of database constraints -> the sentence a person reads when the database, the referee, says no.
SENTENCES: dict[str, str] = {}


def declare(sentences: dict[str, str]) -> None:
    """Add an app's constraint sentences; a name declared twice is a defect."""
    twice = SENTENCES.keys() & sentences.keys()
    if twice:
        raise ValueError(f"constraint sentences declared twice: {sorted(twice)}")
    SENTENCES.update(sentences)
