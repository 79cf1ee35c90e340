"""A web process leaves alone what it has loaded, and looks for garbage seldom enough for a large page."""

import json
import os
import subprocess
import sys
from typing import Any

from pmo import embedded


def said_by(code: str) -> list[Any]:
    """What a process of its own prints as JSON, with Python's own figures at its start."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=embedded.ROOT,
        env=dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "pmo.settings_test"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[Any] = json.loads(done.stdout)
    return found


SAID = "import gc, json; print(json.dumps([gc.get_freeze_count(), gc.get_threshold(), gc.isenabled()]))"


def test_the_web_process_never_looks_through_its_own_code_for_garbage() -> None:
    frozen, (young, *_), enabled = said_by(f"import pmo.wsgi; {SAID}")
    assert frozen > 100_000, "modules, models and addresses are settled"
    assert young > 5_000
    assert enabled, "what a request leaves in cycles is still collected"


def test_a_worker_does_the_same_before_it_forks() -> None:
    started = "signals.celeryd_after_setup.send(sender='one', instance=None, conf=None)"
    frozen, (young, *_), enabled = said_by(
        f"import pmo.celery; from celery import signals; {started}; {SAID}"
    )
    assert frozen > 10_000
    assert young > 5_000
    assert enabled
