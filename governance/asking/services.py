"""Asking a free question: it is written down and put before a body in one command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from governance.authority.models import AuthorityRule
from governance.decisions import services as decisions
from governance.decisions.canonical import canonical, digest
from governance.decisions.models import Decision
from governance.questions.models import FEWEST, MOST, FreeQuestion
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.numbering import next_code
from pmo.refusals import Refused
from programs.portfolio.models import Program


def ask(
    *,
    program: Program,
    title: str,
    question: str,
    options: Sequence[str],
    by: User | None,
    at: datetime,
    papers: str = "",
    recommendation: str = "",
    rule: AuthorityRule | None = None,
) -> Decision:
    """Propose a question with two to eight different options; the decision begins as a draft.

    `rule` names the body (a rule of delegated authority over questions); without one, the first in force. Who asks
    does not vote. Raises Refused for fewer or more options, and for options that say the same.
    """
    current_access().require(Permission.PROPOSE_DECISION, program.pk)
    wanted = [" ".join(one.split()) for one in options if one.strip()]
    if not title.strip():
        raise Refused("Give the question a title.", field="title")
    if not FEWEST <= len(wanted) <= MOST:
        raise Refused(f"Give {FEWEST} to {MOST} options, each on a line of its own.", field="options")
    if any(len(one) > 200 for one in wanted):
        raise Refused(
            "An option is one line of at most 200 characters; more belongs in the papers.", field="options"
        )
    if len({one.casefold() for one in wanted}) < len(wanted):
        raise Refused("Two options say the same.", field="options")
    content = {
        "program": program.pk,
        "title": title.strip(),
        "question": question.strip(),
        "options": wanted,
        "papers": papers.strip(),
    }
    with transaction.atomic():
        asked: FreeQuestion = FreeQuestion.objects.create(
            program=program,
            code=next_code(FreeQuestion, program.pk, "Q"),
            title=title.strip()[:200],
            options=wanted,
            papers=papers.strip(),
            sha256=digest(canonical(content)),
            asked_by=by,
            asked_at=at,
        )
        return decisions.propose(
            free_question=asked, question=question, recommendation=recommendation, rule=rule, by=by, at=at
        )
