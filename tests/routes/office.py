"""Pages and API of the office itself: people, reports, what leaves."""

from __future__ import annotations

from tests.routes.kinds import (
    ANYBODY,
    HERS,
    MEMBER,
    OFFICE,
    SIGNED_IN,
    Need,
    Route,
    acts,
    form,
    listed,
    of,
    reads,
)

PAGES: dict[str, Route] = {
    "healthz": Route({"GET": ANYBODY}),
    "readyz": Route({"GET": ANYBODY}),
    "bench-fixed": Route({"GET": ANYBODY}),
    "bench-rows": Route({"GET": ANYBODY}),
    "pmo:home": Route({"GET": SIGNED_IN}),
    "pmo:theme": Route({"POST": SIGNED_IN}),
    "pmo:search": Route({"GET": SIGNED_IN}),
    "pmo:tokens": Route({"GET": SIGNED_IN, "POST": SIGNED_IN}),
    "pmo:token-end": Route({"POST": SIGNED_IN}, {"digest": "digest"}),
    "people:people": Route({"GET": OFFICE}),
    "people:person": Route({"GET": OFFICE}, {"pk": "colleague"}),
    "people:deactivate": Route({"POST": OFFICE}, {"pk": "colleague"}),
    "people:reactivate": Route({"POST": OFFICE}, {"pk": "colleague"}),
    "people:me": Route({"GET": SIGNED_IN, "POST": SIGNED_IN}),
    "people:invitation": Route({"GET": ANYBODY, "POST": ANYBODY}, {"text": "invitation_text"}),
    "outbox:list": Route({"GET": MEMBER}),
    "outbox:row": Route({"GET": Need("manage_outbox", hidden=True)}, {"pk": "outbox"}),  # and one's own mails
    "outbox:again": acts("manage_outbox", pk="outbox"),
    "reports:list": reads("view_program"),
    "reports:request": form("build_reports", "somewhere"),
    "reports:subscriptions": Route({"GET": of("subscribe", "somewhere")}),
    "reports:subscribe": form("subscribe", "somewhere"),
    "reports:subscription": Route({"GET": HERS, "POST": HERS}, {"pk": "subscription"}),
    "reports:stop-subscription": Route({"POST": HERS}, {"pk": "subscription"}),
    "reports:run": reads("view_program", pk="report"),
    "reports:progress": reads("view_program", pk="report"),
    "reports:cancel": acts("view_program", or_not=True, pk="report"),
    "reports:download": reads("view_program", pk="report", format="format"),
    "api-docs": Route({"GET": SIGNED_IN}),
}

API: dict[str, Route] = {
    "api-schema": Route({"GET": SIGNED_IN}),
    "api:me": Route({"GET": SIGNED_IN}),
    "api:my-tokens": Route({"GET": SIGNED_IN, "POST": SIGNED_IN}),
    "api:person": Route({"GET": OFFICE}, {"pk": "colleague"}),
    "api:person-deactivate": Route({"POST": OFFICE}, {"pk": "colleague"}),
    "api:person-reactivate": Route({"POST": OFFICE}, {"pk": "colleague"}),
    "api:my-token": Route({"DELETE": SIGNED_IN}, {"digest": "digest"}),
    **listed("members", "membership", "manage_members", PATCH=of("manage_members", or_not=True)),
    "api:members-end": acts("manage_members", or_not=True, pk="membership"),
    **listed("invitations", "invitation", "manage_members", post=of("manage_members")),
    "api:invitations-send": acts("manage_members", pk="invitation"),
    "api:invitations-withdraw": acts("manage_members", pk="invitation"),
    **listed("invited-roles", "invited_role", "manage_members"),
    **listed("report", "report", post=of("build_reports", "somewhere")),
    "api:report-cancel": acts("view_program", or_not=True, pk="report"),
    "api:report-file": reads("view_program", pk="report", kind="format"),
}
