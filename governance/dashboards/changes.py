"""What changed since the last decision day: finishes, decisions, risks, acceptances, money drawn; each a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse

from governance.decisions.models import Decision
from governance.health.selectors import Figures
from pmo import formats

CHANGES = """
select 'risk', e.code, e.title, e.state, e.exposure_minor, e.probability * e.impact, e.pgh_context ->> 'name',
       b.state, b.exposure_minor, b.probability * b.impact, e.at, e.id
  from (select distinct on (e.id) e.*, e.pgh_created_at as at from programs_riskevent e
         where e.program_id = %(program)s and e.pgh_created_at > %(since)s and e.pgh_created_at <= %(until)s
         order by e.id, e.pgh_id desc) e
  left join lateral (select p.state, p.exposure_minor, p.probability, p.impact from programs_riskevent p
                      where p.id = e.id and p.pgh_created_at <= %(since)s order by p.pgh_id desc limit 1) b on true
union all
select 'accepted', p.code, '', '', count(*), null, string_agg(distinct u.name, ', '), null, null, null,
       max(r.accepted_on)::timestamptz, p.id
  from programs_requirement r join programs_deliverable d on d.id = r.deliverable_id
  join programs_project p on p.id = d.project_id left join pmo_user u on u.id = r.accepted_by_id
 where r.program_id = %(program)s and r.accepted_on >= %(since)s::date and r.accepted_on <= %(until)s::date
 group by p.id, p.code
union all
select 'drawn', '', '', '', -sum(t.amount)::bigint, null, null, null, null, null, max(j.recorded_at), null
  from finance_posting t join finance_journal j on j.id = t.journal_id join finance_account a on a.id = t.account_id
 where %(money)s and t.program_id = %(program)s and a.kind = 'reserve' and a.category = 'contingency'
   and j.kind <> 'grant' and j.recorded_at > %(since)s and j.recorded_at <= %(until)s
having sum(t.amount) < 0
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One line: what (a link), by how much, and by whom or on what authority."""

    text: str
    note: str
    href: str
    weight: float = 0.0


def changes(figures: Figures, decided: list[Decision]) -> list[Change]:
    """Everything that changed, what weighs most first. One statement besides what `figures` already holds."""
    found = [*_finishes(figures), *(_decision(one, figures) for one in decided), *_rows(figures)]
    return sorted(found, key=lambda change: -change.weight)


def _finishes(figures: Figures) -> list[Change]:
    found = []
    for one in figures.projects:
        if one.finish is None or one.finish_before is None or one.finish == one.finish_before:
            continue
        days = (one.finish - one.finish_before).days
        note = f"from {formats.day(one.finish_before)} to {formats.day(one.finish)}"
        href = figures.to("programs:plan", {"project": one.code})
        found.append(
            Change(f"{one.code} finish moved {formats.delta_days(days)}", note, href, 100 + abs(days))
        )
    return found


def _decision(one: Decision, figures: Figures) -> Change:
    words = {"approved": "Approved", "rejected": "Rejected", "lapsed": "Lapsed"}.get(one.outcome, "Withdrawn")
    amount = (
        f"{formats.money_text(one.amount_minor, one.currency)} · "
        if one.amount_minor and figures.sees_money
        else ""
    )
    href = reverse("governance:decision", kwargs={"code": figures.program.code, "number": one.number})
    note = f"{amount}{one.code}, {one.body.name}, {formats.day_short(one.decided_at)}"
    return Change(f"{words}: {one.title}", note, href, 90 if one.outcome == "approved" else 60)


def _rows(figures: Figures) -> list[Change]:
    currency = figures.program.currency
    values: dict[str, Any] = {
        "program": figures.program.pk,
        "since": figures.since,
        "until": figures.known,
        "money": figures.sees_money,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, values)
        rows = cursor.fetchall()
    found = []
    for kind, ref, title, *rest in rows:
        if kind == "risk":
            change = _risk(ref, title, rest, figures)
            if change is not None:
                found.append(change)
        elif kind == "accepted":
            number, who = rest[1], rest[3]
            text = f"{ref}: {formats.counted(number, 'requirement', 'requirements')} accepted"
            found.append(
                Change(text, who or "", figures.to("programs:deliverables", {"project": ref}), 20 + number)
            )
        else:
            text = f"Contingency drawn {formats.money_text(rest[1], currency)}"
            href = figures.to("finance:ledger", {"category": "contingency"})
            found.append(Change(text, f"ledger, {formats.day_short(rest[7])}", href, 80))
    return found


def _risk(ref: str, title: str, rest: list[Any], figures: Figures) -> Change | None:
    state, exposure, score, who, old_state, old_exposure, old_score, at, pk = rest
    if old_state is None:
        what = f"{ref} raised: {title}"
    elif state != old_state:
        what = f"{ref} is {state.replace('_', ' ')}: {title}"
    elif score != old_score:
        what = f"{ref} {'raised' if score > old_score else 'lowered'} to {score} of 25: {title}"
    elif exposure != old_exposure:
        what = f"{ref} exposure changed: {title}"
    else:
        return None  # only its words changed
    parts = [who or "", formats.day_short(at)]
    if figures.sees_money:
        parts.insert(0, f"exposure {formats.money_text(exposure, figures.program.currency)}")
    href = reverse("programs:risk", kwargs={"code": figures.program.code, "pk": pk})
    return Change(what, " · ".join(part for part in parts if part), href, 40 + (score or 0))
