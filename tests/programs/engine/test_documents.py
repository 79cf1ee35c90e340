"""What the engine's pages say is so: the lines of its README run, and every formula is where it is said to be."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "programs" / "engine" / "README.md").read_text(encoding="utf-8")
NAMES = sorted(
    set(
        re.findall(
            r"`((?:programs|finance)\.engine\.[\w.]+)`", (ROOT / "docs" / "formulas.md").read_text("utf-8")
        )
    )
)


def test_the_lines_of_the_readme_schedule_the_plan_of_the_readme(tmp_path: Path) -> None:
    plan = re.search(r"```csv\n(.*?)```", README, re.DOTALL)
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert plan and code
    (tmp_path / "plan.csv").write_text(plan[1], encoding="utf-8")
    command = [sys.executable, "-c", code[1], str(tmp_path / "plan.csv")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Order 2027-01-04 08:00:00 2027-01-08 17:00:00 0 critical",
        "Dig 2027-01-04 08:00:00 2027-01-06 17:00:00 0 critical",
        "Pour 2027-01-07 08:00:00 2027-01-08 17:00:00 0 critical",
        "Build 2027-01-11 08:00:00 2027-01-22 17:00:00 0 critical",
        "Paint 2027-01-25 08:00:00 2027-01-28 17:00:00 0 critical",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_formula_is_where_the_page_of_formulas_says(name: str) -> None:
    parts = name.split(".")
    found = importlib.import_module(".".join(parts[:3]))
    for part in parts[3:]:
        found = getattr(found, part)
    assert callable(found)
    assert found.__doc__


def test_the_page_of_formulas_names_more_than_thirty() -> None:
    assert len(NAMES) > 30
