"""Reading contracts: how far each is ordered, invoiced, retained, released and paid; by one query for many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Q, Sum

from finance.capex.models import CapitalRequest
from finance.contracts.models import Contract
from finance.ledger.models import Kind, Posting
from pmo.money import format_exact


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contract stands (minor units).

    `invoiced` is less credit notes. Of it `retained` is withheld and not released, and of that `releasable` is of
    invoices that are not held; `released` may be paid and `released_paid` of that was. `accepted` is the sum of the
    accepted milestones, of `milestones` in all, those `withdrawn` apart.
    """

    ordered: int = 0
    invoiced: int = 0
    retained: int = 0
    released: int = 0
    released_paid: int = 0
    milestones: int = 0
    accepted: int = 0
    releasable: int = 0
    withdrawn: int = 0


_STANDING = """
select c.id, finance_contract_ordered(c.id),
       coalesce((select sum(case i.kind when 'credit' then -i.amount_minor else i.amount_minor end)
                   from finance_invoice i join finance_purchaseorder o on o.id = i.order_id
                  where o.contract_id = c.id), 0)::bigint,
       finance_contract_retained(c.id), r.released::bigint, r.paid::bigint, m.amount::bigint, m.accepted::bigint,
       finance_contract_releasable(c.id), m.withdrawn::bigint
  from finance_contract c
  join lateral (select coalesce(sum(amount_minor), 0) as released,
                       coalesce(sum(amount_minor) filter (where paid_on is not null), 0) as paid
                  from finance_retentionrelease where contract_id = c.id) r on true
  join lateral (select coalesce(sum(amount_minor) filter (where withdrawn_at is null), 0) as amount,
                       coalesce(sum(amount_minor) filter (where withdrawn_at is not null), 0) as withdrawn,
                       coalesce(sum(amount_minor) filter (where accepted_on is not null), 0) as accepted
                  from finance_contractmilestone where contract_id = c.id) m on true
 where c.id = any(%s)
"""


def standings(contracts: Iterable[int]) -> dict[int, Standing]:
    """By id of the contract; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(contracts)])
        return {row[0]: Standing(*row[1:]) for row in cursor.fetchall()}


def standing(contract: Contract) -> Standing:
    """Of one contract; one query."""
    return standings([contract.pk])[contract.pk]


def has_a_hand(contract: Contract, person: int) -> bool:
    """Does this person manage the contract, or did manage it, draft it, put it in force, or order or amend under it?"""
    return (
        person in (contract.manager_id, contract.drafted_by_id, contract.activated_by_id)
        or contract.handovers.filter(from_manager_id=person).exists()
        or contract.orders.filter(Q(ordered_by_id=person) | Q(amendments__amended_by_id=person)).exists()
    )


def let_pass(contract: Contract, person: int) -> bool:
    """Did this person accept a milestone of the contract, or release an invoice or what is retained under it?"""
    return person in who_let_pass(contract)


def who_let_pass(contract: Contract) -> set[int]:
    """The people who accepted a milestone of the contract, or released an invoice or what is retained under it."""
    invoices: Any = apps.get_model("finance", "Invoice").objects  # a name: procurement stands on contracts
    accepted = contract.milestones.exclude(accepted_by=None).order_by().values_list("accepted_by_id")
    released = contract.releases.exclude(released_by=None).order_by().values_list("released_by_id")
    paid = invoices.filter(order__contract=contract).exclude(released_by=None).order_by()
    return {pk for (pk,) in accepted.union(released, paid.values_list("released_by_id"))}


def beyond_accepted(contract: Contract, *, more: int = 0, less: int = 0) -> list[str]:
    """Where a contract has milestones: in words, that invoices go beyond those accepted; empty where they do not.

    One with all of its milestones withdrawn has milestones: withdrawing them lets nothing pass.
    `more` and `less` (minor units): what is about to be invoiced, and what was invoiced later than what is looked at.
    """
    stands = standing(contract)
    after = stands.invoiced + more - less
    if not stands.milestones + stands.withdrawn or after <= stands.accepted:
        return []
    return [
        f"{contract.code}: {format_exact(after, contract.currency)} invoiced, milestones of "
        f"{format_exact(stands.accepted, contract.currency)} accepted."
    ]


def promised(request: CapitalRequest, *, besides: int | None = None) -> int:
    """What contracts in force on a request hold of what is set aside: their value less their orders (minor units).

    `besides`: but for this contract.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(sum(value_minor - finance_contract_ordered(id)), 0)::bigint from finance_contract
                where request_id = %s and state = 'active' and id is distinct from %s""",
            [request.pk, besides],
        )
        return int(cursor.fetchone()[0])


def set_aside(request: CapitalRequest) -> int:
    """What is set aside for a request and not ordered, from its journals (minor units)."""
    found = Posting.objects.filter(
        program_id=request.program_id, journal__request_id=request.pk, account__kind=Kind.RESERVE
    ).aggregate(total=Sum("amount"))
    return int(found["total"] or 0)
