"""Every address we serve. Apps to the right are included by name."""

from django.urls import URLPattern, URLResolver, include, path

from pmo import health
from pmo.api.documents import schema_view, swagger_view
from pmo.bench import fixed, rows

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("accounts/", include("pmo.accounts.urls")),
    path("", include("pmo.home.urls")),
    path("", include("pmo.outbox.urls")),
    path("", include("pmo.reports.urls")),
    path("", include("programs.feeds.urls")),
    path("", include("programs.beginning.urls")),
    path("", include("programs.people.urls")),
    path("p/<str:code>/", include("programs.urls")),
    path("p/<str:code>/", include("finance.urls")),
    path("p/<str:code>/", include("governance.urls")),
    path("api/v1/", include("pmo.api_urls")),
    path("api/schema/", schema_view, name="api-schema"),
    path("api/docs/", swagger_view, name="api-docs"),
    path("bench/fixed/", fixed, name="bench-fixed"),
    path("bench/rows/", rows, name="bench-rows"),
]
handler400 = "pmo.errors.bad_request"
handler403 = "pmo.errors.forbidden"
handler404 = "pmo.errors.not_found"
handler500 = "pmo.errors.server_error"
