"""A web process leaves alone what it has loaded, and looks for garbage seldom enough for a large page."""

import json
import os
import subprocess
import sys

from pmo import embedded


def test_the_web_process_never_looks_through_its_own_code_for_garbage() -> None:
    asked = "import gc, json, pmo.wsgi; print(json.dumps([gc.get_freeze_count(), gc.get_threshold(), gc.isenabled()]))"
    said = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=embedded.ROOT,
        env=dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "pmo.settings_test"},
        capture_output=True,
        text=True,
        check=True,
    )
    frozen, (young, *_), enabled = json.loads(said.stdout)
    assert frozen > 100_000, "modules, models and addresses are settled"
    assert young > 5_000
    assert enabled, "what a request leaves in cycles is still collected"
