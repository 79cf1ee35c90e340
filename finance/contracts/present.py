"""One contract as its page shows it: figures, milestones beside the plan, orders, invoices, releases, the trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import OuterRef, Subquery
from django.urls import reverse

from finance.capex import paper_table
from finance.capex.selectors import Step
from finance.contracts import papers, selectors
from finance.contracts.models import Contract
from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.zones import zone
from programs.schedule.models import ComputedDates


def milestones_of(found: Contract) -> Any:
    """Its milestones by due day, each with the day of its activity by the plan (`planned`). One query."""
    dates = ComputedDates.objects.filter(activity=OuterRef("activity"), superseded_by=None)
    rows = found.milestones.select_related("activity", "accepted_by", "withdrawn_by").order_by("due_on", "pk")
    return rows.annotate(planned=Subquery(dates.values("early_finish")[:1]))


def shown(found: Contract, access: Access, user_id: int | None) -> dict[str, Any]:
    """Everything the template prints; ten queries whatever the number of rows."""
    stands = selectors.standing(found)
    money = found.currency
    code = found.program.code
    local = zone(found.program.time_zone)
    invoices: Any = apps.get_model("finance", "Invoice")  # a name: procurement stands on contracts
    base = reverse("finance:contract", kwargs={"code": code, "pk": found.pk})
    orders = reverse("finance:orders", kwargs={"code": code})
    bills = reverse("finance:invoices", kwargs={"code": code})

    def exact(minor: int) -> str:
        return formats.money_exact(minor, money)

    def by_plan(one: Any) -> str:
        moment: datetime | None = one.activity and (one.activity.actual_finish or one.planned)
        return formats.day(moment.astimezone(local).date()) if moment else ""

    mine = access.may(Permission.PLACE_ORDER, found.program_id, found.request.project_id)
    receives = access.may(Permission.RECEIVE_GOODS, found.program_id, found.request.project_id)
    ordered = list(found.orders.order_by("pk"))
    amended = list(
        apps.get_model("finance", "OrderAmendment")  # a name: procurement stands on contracts
        .objects.filter(order__contract=found)
        .select_related("order", "amended_by")
        .order_by("pk")
    )
    billed = list(invoices.objects.filter(program_id=found.program_id, order__contract=found).order_by("pk"))
    hands = {
        found.manager_id,
        found.drafted_by_id,
        found.activated_by_id,
        *(one.ordered_by_id for one in ordered),
        *(one.amended_by_id for one in amended),
    }
    draft, active = found.state == "draft", found.state == "active"
    retained = stands.releasable > 0
    due = found.release_on is not None
    steps = [Step(found.drafted_at, found.drafted_by.name, "drafted it")]
    if found.activated_at and found.activated_by:
        steps.append(Step(found.activated_at, found.activated_by.name, "put it in force"))
    for change in found.changes.select_related("changed_by"):
        words = (
            f"changed the value from {exact(change.from_minor)} to {exact(change.to_minor)}: {change.reason}"
        )
        steps.append(Step(change.changed_at, change.changed_by.name, words))
    for one in amended:
        by = f"from {exact(one.from_minor)} to {exact(one.to_minor)}"
        words = f"amended {one.order.code} ({one.n}) {by}: {one.reason}"
        steps.append(Step(one.amended_at, one.amended_by.name, words))
    past = list(found.handovers.select_related("from_manager", "to_manager", "handed_by").order_by("n"))
    hands |= {one.from_manager_id for one in past}
    other = user_id not in hands
    for handed in past:
        words = f"handed it over from {handed.from_manager.name} to {handed.to_manager.name}: {handed.reason}"
        steps.append(Step(handed.handed_at, handed.handed_by.name, words))
    subject = papers.subject_of(found)
    kept, paper_steps = paper_table.table(found.program_id, subject, base, may_edit=mine)
    steps += paper_steps
    milestones = []
    for one in milestones_of(found):
        if one.accepted_at:
            said = f"accepted {one.name}{f': {one.note}' if one.note else ''}"
            steps.append(Step(one.accepted_at, one.accepted_by.name, said))
        if one.withdrawn_at:
            steps.append(
                Step(one.withdrawn_at, one.withdrawn_by.name, f"withdrew {one.name}: {one.withdrawn_why}")
            )
        stands_open = not one.accepted_at and not one.withdrawn_at
        milestones.append(
            {
                "name": one.name,
                "activity": one.activity.code if one.activity else "",
                "amount": exact(one.amount_minor),
                "due": formats.day(one.due_on),
                "planned": by_plan(one),
                "late": bool(
                    stands_open
                    and one.activity
                    and one.planned
                    and one.planned.astimezone(local).date() > one.due_on
                ),
                "accepted": f"{formats.day(one.accepted_on)} by {one.accepted_by.name}"
                if one.accepted_on
                else "",
                "withdrawn": one.withdrawn_why,
                "withdraw": f"{base}milestones/{one.pk}/withdraw/" if mine and active and stands_open else "",
                "accept": f"{base}milestones/{one.pk}/accept/"
                if active and receives and other and stands_open
                else "",
                "drop": f"{base}milestones/{one.pk}/drop/" if mine and draft else "",
            }
        )
    releases = []
    for freed in found.releases.select_related("released_by", "paid_by").order_by("pk"):
        words = f"released {exact(freed.amount_minor)} of what is retained ({freed.code}): {freed.reason}"
        steps.append(Step(freed.released_at, freed.released_by.name, words))
        pays = access.may(Permission.POST_ACTUALS, found.program_id) and user_id != freed.released_by_id
        releases.append(
            {
                "code": freed.code,
                "amount": exact(freed.amount_minor),
                "due": formats.day(freed.due_on),
                "paid": formats.day(freed.paid_on) if freed.paid_on else "",
                "pay": f"{base}releases/{freed.pk}/pay/" if pays and not freed.paid_on else "",
            }
        )
    if found.closed_at and found.closed_by:
        steps.append(Step(found.closed_at, found.closed_by.name, f"closed it: {found.closed_why}"))
    figures = [
        ("Value", found.value_minor, "agreed"),
        ("Ordered", stands.ordered, "under it"),
        ("Accepted", stands.accepted, f"of {formats.money_text(stands.milestones, money)} in milestones"),
        ("Invoiced", stands.invoiced, "less credit notes"),
        ("Retained", stands.retained, "owed, not payable yet"),
        ("Released", stands.released, f"{formats.money_text(stands.released_paid, money)} of it paid"),
    ]
    return {
        "figures": [(label, formats.money_short(minor, money), note) for label, minor, note in figures],
        "value": exact(found.value_minor),
        "left": exact(found.value_minor - stands.ordered),
        "retained": exact(stands.retained),
        "percent": f"{found.retention_percent.normalize():f}",
        "milestones": milestones,
        "releases": releases,
        "orders": [
            {
                "href": f"{orders}{one.pk}/",
                "name": f"{one.code} {one.title}",
                "amount": exact(one.amount_minor),
                "state": one.get_state_display(),
            }
            for one in ordered
        ],
        "invoices": [
            {
                "href": f"{bills}{one.pk}/",
                "name": f"{one.code} {one.number}",
                "amount": exact(-one.amount_minor if one.kind == "credit" else one.amount_minor),
                "retained": exact(-one.retained_minor if one.kind == "credit" else one.retained_minor),
                "state": one.get_state_display(),
            }
            for one in billed
        ],
        "trail": sorted(steps, key=lambda step: step.at),
        "may_edit": mine and draft,
        "papers": kept,
        "may_activate": mine and draft and user_id != found.manager_id,
        "other_activates": mine and draft and user_id == found.manager_id,
        "may_hand_over": mine and active,
        "may_change": mine and active,
        "may_close": mine and found.state != "closed",
        "may_agree": mine and found.state != "closed",
        "may_order": mine and active,
        "may_release": retained
        and due
        and other
        and all(one.entered_by_id != user_id for one in billed)
        and access.may(Permission.RELEASE_PAYMENT, found.program_id),
    }
