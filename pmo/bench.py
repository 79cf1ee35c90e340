"""Reference pages: what a fixed answer and a plain list of 100 rows cost here, as the measure for every other page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

_FIXED = b"<!doctype html><title>fixed</title>" + b"x" * 20_480


@login_not_required
@require_safe
def fixed(request: HttpRequest) -> HttpResponse:
    """20 KB without database or template."""
    return HttpResponse(_FIXED)


@login_not_required
@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """A template of 100 rows of seven values formatted beforehand; no database, nothing of anybody's."""
    listed = [
        [f"{row}", f"Activity {row}", "31 Mar 2027", "2 Apr 2027", "12", "0", "1,234.00"]
        for row in range(100)
    ]
    return render(request, "pmo/bench_rows.html", {"rows": listed})
