"""What others wrote is exactly what the lock gave, with its licence, and nothing of it asks another server."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ["static/vendor/htmx.org", "pmo/fonts", "tests/vendor/axe-core"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_vendored_files_have_their_checksums_and_their_licence(folder: str) -> None:
    place = ROOT / folder
    lines = (place / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    there = {path.name for path in place.iterdir() if path.is_file() and path.suffix != ".py"}
    assert there - {"SHA256SUMS"} == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((place / name).read_bytes()).hexdigest() == digest, name
    assert any(name.startswith("LICENSE") for name in listed)


def test_the_lock_names_no_registry_and_pins_exactly() -> None:
    lock = (ROOT / "frontend" / "package-lock.json").read_text()
    assert "http" not in lock
    wanted = json.loads((ROOT / "frontend" / "package.json").read_text())
    for version in (*wanted["dependencies"].values(), *wanted["devDependencies"].values()):
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), version
    packages = json.loads(lock)["packages"]
    assert all("integrity" in entry for name, entry in packages.items() if name)
    assert packages["node_modules/htmx.org"]["version"] == "4.0.1"


def test_what_is_served_points_to_no_other_server() -> None:
    for path in (ROOT / "static").rglob("*"):
        if path.suffix not in (".js", ".css", ".svg"):
            continue
        text = path.read_text()
        assert "sourceMappingURL" not in text, path
        assert not re.search(r"(?:url\(|import |@import |src=)['\"]?(?:https?:)?//", text), path
