"""What a person of the bodies still has to do when leaving."""

from django.db.models import Q
from django.db.models.functions import Now

from programs.people.duties import Kind, register

register(
    Kind(
        "sits in bodies", "governance.Seat", "person_id", Q(term__endswith__gt=Now()) | Q(term__upper_inf=True),
        code="body__code", instead="ended on the body's page",
    ),
    Kind(
        "has not voted", "governance.Elector", "person_id",
        Q(decision__state="open", voting=True, recused=False, vote=None), code="decision__number",
        instead="an alternate votes, or nobody",
    ),
    Kind(
        "gave proxies", "governance.Proxy", "given_by_id",
        Q(withdrawn_at=None) & (Q(decision__state__in=["draft", "open"]) | Q(term__endswith__gt=Now())),
        code="seat__body__code", instead="they count no more from then on; another holds the seat, or nobody votes",
    ),
    Kind(
        "owes conditions of decisions", "governance.Condition", "owner_id", Q(state="open"),
        code="decision__number", instead="sealed with the decision: another decision changes it",
    ),
    Kind("owes actions", "governance.ActionItem", "owner_id", Q(state="open"), code="number", handed=True),
)  # fmt: skip
