"""What a person of finance still has to do when leaving."""

from django.db.models import Q

from pmo.accounts.roles import Permission
from programs.people.duties import Kind, register

register(
    Kind(
        "manages contracts", "finance.Contract", "manager_id", ~Q(state="closed"),
        instead="handed over on the contract's page",
    ),
    Kind(
        "answers for control accounts", "finance.ControlAccount", "manager_id", Q(), handed=True,
        needs=Permission.FORECAST,
    ),
)  # fmt: skip
