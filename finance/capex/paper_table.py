"""The papers of a capital request or a contract as its page shows them."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from finance.capex import revisions
from finance.capex.models import CapitalRequest
from finance.capex.selectors import Step
from pmo import formats
from pmo.attachments import selectors
from pmo.attachments.selectors import Subject
from pmo.money import format_exact


def shown(found: CapitalRequest, *, may_edit: bool) -> tuple[dict[str, Any], list[Step]]:
    """What the page of a request needs for its table, and steps for the trail. One query."""
    base = reverse("finance:capital-request", kwargs={"code": found.program.code, "pk": found.pk})
    return table(found.program_id, revisions.subject_of(found), base, may_edit=may_edit)


def table(
    program_id: int, subject: Subject, base: str, *, may_edit: bool
) -> tuple[dict[str, Any], list[Step]]:
    """The same of any subject whose page stands at `base`. One query."""
    rows, steps = [], []
    for one in selectors.papers(program_id, subject):
        gone = getattr(one, "withdrawal", None)
        quote = ""
        if one.amount_minor is not None:
            amount = format_exact(one.amount_minor, one.currency)
            quote = f"{one.vendor}, {amount}, {formats.day(one.quoted_on)}"
        steps.append(
            Step(one.added_at, one.added_by.name, f"added {one.get_kind_display().lower()} {one.name}")
        )
        if gone:
            steps.append(
                Step(gone.withdrawn_at, gone.withdrawn_by.name, f"withdrew {one.name}: {gone.reason}")
            )
        rows.append(
            {
                "name": one.name,
                "href": f"{base}papers/{one.pk}/",
                "withdraw": f"{base}papers/{one.pk}/withdraw/",
                "kind": one.get_kind_display(),
                "quote": quote,
                "size": filesizeformat(one.size),
                "added": f"{formats.day(one.added_at)} by {one.added_by.name}",
                "sha256": one.sha256,
                "digest": one.sha256[:12],
                "withdrawn": f"by {gone.withdrawn_by.name}: {gone.reason}" if gone else "",
            }
        )
    return {"rows": rows, "add_url": f"{base}papers/add/" if may_edit else ""}, steps
