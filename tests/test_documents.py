"""What is written for people is true of the code: paths, commands, variables, names, and nothing of this machine."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import get_commands, load_command_class

from governance.example import people
from tests.test_packaging import variables_read

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
DOCUMENTS = sorted(
    [
        README,
        ROOT / "CHANGELOG.md",
        *(path for folder in ("benchmarks", "docs", "samples") for path in (ROOT / folder).rglob("*.md")),
    ]
)
APPS = ("pmo", "programs", "finance", "governance")
BARE = {"test"}  # answered by manage.py itself
# Read by the code and set by nobody: the system's, Python's, Django's, or one process's word to another.
INTERNAL = {
    "DJANGO_ALLOW_ASYNC_UNSAFE", "DJANGO_SETTINGS_MODULE", "HOME", "PATH", "PMO_MPXJ", "PMO_TEST_OWNER",
    "PYTEST_XDIST_WORKER", "UPDATE_QUERY_COUNTS", "VIRTUAL_ENV",
}  # fmt: skip
DJANGO_OPTIONS = {
    "-h", "--help", "--version", "-v", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color",
    "--force-color", "--skip-checks",
}  # fmt: skip


def prose(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository; without git, everything that is not made by running it."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: which files are ours is not known")


@cache
def command(name: str) -> Any:
    app = get_commands()[name]
    return load_command_class(app, name) if isinstance(app, str) else app


def options_of(name: str) -> set[str]:
    """The options of a command that are its own."""
    parser: argparse.ArgumentParser = command(name).create_parser("manage.py", name)
    return {option for action in parser._actions for option in action.option_strings} - DJANGO_OPTIONS


# ------------------------------------------------------------------ paths
def paths_named(text: str) -> Iterator[str]:
    """Links, and words in backticks that begin with a folder of ours."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target and not target.startswith("#"):
            yield target.split("#")[0]
    tops = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - {"var", "staticfiles"}
    for word in re.findall(r"`([^`\s]+)`", text):
        top, _, rest = word.partition("/")
        if top in tops and (rest or "." in top) and not set(word) & set("<*{…=$"):
            yield "/" + word.split("::")[0]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_path_of_a_document_exists(path: Path) -> None:
    for name in paths_named(prose(path)):
        found = ROOT / name[1:] if name.startswith("/") else path.parent / name
        assert found.exists(), f"{path.relative_to(ROOT)} names {name}"


def test_the_map_is_what_ls_says() -> None:
    for app in APPS:
        row = next(line for line in prose(README).splitlines() if line.startswith(f"| `{app}/`"))
        there = {
            path.name
            for path in (ROOT / app).iterdir()
            if (path / "__init__.py").exists()
            and path.name not in {"management", "migrations", "templatetags"}
        }
        named = set(re.findall(r"`(\w+)`", row))
        if app == "pmo":  # of the office the rooms that a newcomer looks for
            assert named <= there, named - there
        else:
            assert named == there, named ^ there


def test_the_screenshot_is_a_picture_of_a_page_and_small() -> None:
    for name in re.findall(r"\]\((docs/images/[^)]+)\)", prose(README)):
        content = (ROOT / name).read_bytes()
        assert content.startswith(b"\x89PNG") and len(content) < 200_000
        assert int.from_bytes(content[16:20]) == 1440


def test_decisions_of_architecture_have_numbers_of_their_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "adr").glob("*.md")]
    assert all(number.isdigit() for number in numbers)
    assert len(numbers) == len(set(numbers))


# ------------------------------------------------------------------ commands
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_a_document_exists(path: Path) -> None:
    for name in re.findall(r"manage\.py ([a-z_]+)", prose(path)):
        assert name in BARE or name in get_commands(), f"{path.relative_to(ROOT)} names manage.py {name}"


def test_every_command_line_of_the_readme_is_one_that_its_command_takes() -> None:
    lines = re.findall(r"^ {4}python3 manage\.py (.+)$", prose(README), re.MULTILINE)
    assert len(lines) > 8
    for line in lines:
        name, *arguments = shlex.split(line)
        if name not in BARE:
            command(name).create_parser("manage.py", name).parse_args(arguments)


def test_the_readme_names_every_option_of_our_commands_and_no_other() -> None:
    ours = {name for name, app in get_commands().items() if app in APPS}
    rows = dict(re.findall(r"^\| `([a-z_]+)([^|\n]*(?:\\\|[^|\n]*)*\|.*)$", prose(README), re.MULTILINE))
    rows["up"] = prose(README).split("`up` takes")[1].split("\n\n")[0]
    rows |= {name: "" for name in ("example_program",) if name in rows}
    for name in sorted(ours):
        assert name in rows, f"{name} is not in the table of commands"
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", rows[name]))
        assert named == options_of(name), (name, named ^ options_of(name))


# ------------------------------------------------------------------ variables, names
def test_every_variable_of_the_readme_is_read_and_every_variable_read_is_there() -> None:
    section = prose(README).split("### Environment")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`([A-Z][A-Z_]+)`", cell)}
    read = set(variables_read())
    for path in [ROOT / "manage.py", *(ROOT / "tests").rglob("*.py")]:
        read |= set(re.findall(r'environ(?:\.get)?[(\[]\s*"([A-Z][A-Z_]+)"', path.read_text()))
    assert named - read == set()
    assert read - named - INTERNAL == set()


def test_the_cast_of_the_readme_is_the_examples() -> None:
    section = prose(README).split("## Signing in")[1].split("\n## ")[0]
    assert people.PASSWORD in section
    for key in [one[0] for one in people.CAST] + [people.ADMINISTRATOR[0]]:
        assert re.search(rf"`{key}@({re.escape(people.DOMAIN)})?`", section), key
    for name in re.findall(r"\| ([A-Z]\w+ [A-Z]\w+),", section):
        assert name in {one[1] for one in people.CAST} | {people.ADMINISTRATOR[1]}, name


def test_the_changes_begin_with_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    newest = re.search(r"^## (\S+)", prose(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert newest is not None and newest[1] == project["version"]


def test_every_dependency_says_what_it_is_for() -> None:
    """Those of tests may be known by their name alone; those that a running office carries may not."""
    text = (ROOT / "pyproject.toml").read_text()
    running = text.split("dependencies = [")[1].split("\n]")[0]
    embedded = text.split("embedded = [")[1].split("\n]")[0]
    lines = [line.strip() for line in (running + embedded).splitlines() if line.strip().startswith('"')]
    assert len(lines) > 20
    assert [line for line in lines if not re.search(r'",\s+# \S.{5}', line)] == []


# ------------------------------------------------------------------ nothing of this machine
HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "npmmirror" + ".com")
OWN = re.compile(r"(?<![\w./-])/(?:work|root|home|Users)/[a-z]")


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8000] and "vendor" not in path.parts and "LICENSE" not in path.name:
            yield path.relative_to(ROOT), content.decode("utf-8", "replace")


def this_machines_registries() -> set[str]:
    """Hosts of the package indexes that this machine is set up for."""
    named = [
        os.environ.get(name, "")
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
    ]
    for path in (Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf"):
        if path.is_file():
            named += re.findall(r"https?://\S+", path.read_text())
    hosts = {urlsplit(word).hostname or "" for line in named for word in line.split()}
    return hosts - {"", "localhost", "127.0.0.1"}


def test_no_tracked_file_names_a_path_of_somebodys_machine_or_a_package_registry() -> None:
    hosts = {*HOSTS, *this_machines_registries()}
    found = [
        f"{path}: {hit}"
        for path, text in texts()
        for hit in [*OWN.findall(text), *(host for host in hosts if host in text)]
    ]
    assert found == []
