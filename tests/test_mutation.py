"""What `make mutation` takes for granted: its modules, their tests and the lines of its list are still there."""

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SUBJECTS: dict[str, Any] = runpy.run_path(str(ROOT / "tools/subjects.py"))["SUBJECTS"]
LISTED = tomllib.loads((ROOT / "tools/equivalent_mutants.toml").read_text())["mutant"]


def test_each_module_that_is_changed_has_tests_that_have_to_notice() -> None:
    for module, tests in SUBJECTS.items():
        assert (ROOT / module).is_file(), module
        assert tests.own, module
        for name in (*tests.own, *tests.dear):
            assert (ROOT / name).is_file(), name


def test_each_change_that_nobody_could_notice_is_of_a_line_that_is_there_and_says_why() -> None:
    for one in LISTED:
        assert one["module"] in SUBJECTS, one
        lines = {line.strip() for line in (ROOT / one["module"]).read_text().splitlines()}
        assert one["line"] in lines, one
        assert one["why"].endswith("."), one


def test_each_measured_module_stands_in_the_table_of_scores() -> None:
    table = (ROOT / "docs/mutation.md").read_text()
    for module in SUBJECTS:
        assert f"| {module} |" in table, module
