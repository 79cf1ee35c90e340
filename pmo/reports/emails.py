"""The mails of reports: written when the report is done, one for each recipient, with its figures in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from pmo import formats
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.mails import post
from pmo.reports import registers, registry, selectors
from pmo.reports.document import Document
from pmo.reports.models import Artefact, Occurrence, ReportRun
from pmo.reports.renderers import mail
from pmo.zones import zone


def file_name(document: Document, kind: str, extension: str) -> str:
    """`ATLAS-spend-2026-11-22.pdf`: letters, digits and dashes only."""
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", f"{document.program_code}-{kind}-{document.as_of:%Y-%m-%d}")
    return f"{plain.strip('-')[:100]}.{extension}"


def send_to_subscribers(run: ReportRun, document: Document) -> int:
    """Write one mail for each recipient who waits for this run; returns how many."""
    kind = registry.get(run.kind)
    attached = Artefact.objects.filter(run=run, format__in=kind.attach).values_list("pk", flat=True)
    ids, code, count = list(attached), document.program_code, 0
    for recipient in _recipients(run):
        twins = mail.render(
            document,
            recipient=recipient.name,
            as_of=_as_of(run, recipient),
            url=reverse("reports:run", kwargs={"code": code, "pk": run.pk}),
            stop_url=reverse("reports:subscriptions", kwargs={"code": code}),
        )
        post(
            key=f"report:{run.pk}:to:{recipient.pk}",
            program_id=run.program_id,
            recipient=recipient,
            subject=f"{document.title}: {document.program_name}, {formats.day(run.as_of)}",
            text=twins.text,
            html=twins.html,
            attachments=ids,
            permission=kind.permission,
        )
        count += 1
    return count


def tell_of_file(run: ReportRun, document: Document) -> None:
    """Who asked for a register, and for a mail, is told where its file is."""
    asker = run.requested_by
    if asker is None or not run.wants_mail:
        return
    register = registers.get(run.kind)
    url = reverse("reports:run", kwargs={"code": document.program_code, "pk": run.pk})
    context = {
        "recipient": asker.name,
        "title": document.title,
        "as_of": _as_of(run, asker),
        "url": f"{settings.SITE_URL}{url}",
        "days": registers.KEPT_DAYS,
    }
    post(
        key=f"report:{run.pk}:file:{asker.pk}",
        program_id=run.program_id,
        recipient=asker,
        subject=f"{document.title}: the file is there",
        text=render_to_string("emails/register_ready.txt", context),
        html=mail.inlined(render_to_string("emails/register_ready.html", context)),
        permission=register.permission if register else Permission.VIEW_PROGRAM,
    )


def tell_of_failure(run: ReportRun) -> None:
    """Who waits for a report is told in words that it could not be built."""
    title = selectors.title(run.kind)
    asker = [run.requested_by] if run.wants_mail and run.requested_by else []
    for recipient in (*_recipients(run), *asker):
        context = {
            "recipient": recipient.name,
            "title": title,
            "run": run,
            "as_of": _as_of(run, recipient),
            "subscribed": recipient not in asker,
        }
        post(
            key=f"report:{run.pk}:failed:{recipient.pk}",
            program_id=run.program_id,
            recipient=recipient,
            subject=f"{title} could not be built",
            text=render_to_string("emails/report_failed.txt", context),
            html=mail.inlined(render_to_string("emails/report_failed.html", context)),
        )


def _as_of(run: ReportRun, recipient: User) -> str:
    return f"{formats.moment(run.as_of, zone(recipient.time_zone))} ({recipient.time_zone})"


def _recipients(run: ReportRun) -> Iterator[User]:
    waiting = Occurrence.objects.filter(run=run).select_related("subscription__recipient").order_by("pk")
    for occurrence in waiting:
        yield occurrence.subscription.recipient
