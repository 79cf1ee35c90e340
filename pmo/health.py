"""Health of this process and of what it needs."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Database and migrations are there, or 503. A cache that is away is named, and nothing else: pages do without."""
    missing = []
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            missing.append("migrations")
    except Exception:
        missing.append("database")
    try:
        caches["passing"].get("ready")
    except Exception:
        missing.append("cache")
    serves = missing in ([], ["cache"])
    return JsonResponse(
        {"ready": serves, "missing": missing, "process": settings.PROCESS}, status=200 if serves else 503
    )
