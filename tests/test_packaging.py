"""Holds image, compose file, Makefile and locks against the code, since no container engine runs in CI."""

import ast
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from pmo.celery import QUEUES
from pmo.celery import app as celery_app

ROOT = Path(__file__).resolve().parent.parent
OURS = {"pmo", "programs", "finance", "governance"}
OUR_IMAGE = {"migrate", "web", "worker", "beat", "relay"}
ROLES_OF = {  # service -> (PMO_PROCESS, the login its address must name)
    "migrate": ("command", "pmo_owner"),
    "web": ("web", "pmo_app"),
    "worker": ("worker", "pmo_worker"),
    "beat": ("beat", "pmo_app"),
    "relay": ("relay", "pmo_relay"),
}
# Read by PostgreSQL's own image and by our script that it runs.
OF_POSTGRES = {"POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"}


@cache
def compose() -> dict[str, Any]:
    """The compose file with its anchors resolved."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def services() -> dict[str, dict[str, Any]]:
    return dict(compose()["services"])


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


@cache
def variables_read() -> frozenset[str]:
    """Every environment variable that our code reads."""
    found: set[str] = set()
    for app in ("pmo", "programs", "finance", "governance"):
        for path in (ROOT / app).rglob("*.py"):
            found |= set(
                re.findall(r'(?:environ\.get\(|environ\[|flag\()\s*"([A-Z][A-Z_]+)"', path.read_text())
            )
    settings = (ROOT / "pmo" / "settings.py").read_text()
    return frozenset(found | set(re.findall(r'"(DATABASE_(?:WORKER|RELAY|OWNER)_URL)"', settings)))


def command_of(service: str) -> list[str]:
    """The words a service is started with; the image's own command where it names none."""
    given = services()[service].get("command")
    if given is None:
        match = re.search(r"^CMD (\[.*\])$", dockerfile(), re.MULTILINE)
        assert match is not None
        return list(yaml.safe_load(match[1]))
    return [str(word) for word in given]


def manage_commands(words: list[str]) -> list[list[str]]:
    """Every `manage.py …` in a command, also inside `sh -c`."""
    text = words[-1] if words[:2] == ["sh", "-c"] else shlex.join(words)
    parts = [shlex.split(part) for part in text.split("&&")]
    return [part[part.index("manage.py") + 1 :] for part in parts if "manage.py" in part]


def test_every_service_is_there_with_a_health_check_or_ends_by_itself() -> None:
    assert set(services()) == OUR_IMAGE | {"postgres", "broker", "cache"}
    for name, service in services().items():
        if name == "migrate":
            assert service["restart"] == "no"
            continue
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
        assert service["restart"] == "unless-stopped", name


def test_the_office_waits_for_migrations_and_healthy_servers() -> None:
    for name in OUR_IMAGE - {"migrate"}:
        needs = services()[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        for server in ("postgres", "broker", "cache"):
            assert needs[server]["condition"] == "service_healthy"


@pytest.mark.parametrize("name", sorted(OUR_IMAGE))
def test_every_manage_command_of_a_service_exists_and_takes_these_arguments(name: str) -> None:
    for command, *arguments in manage_commands(command_of(name)):
        assert command in get_commands(), command
        app = get_commands()[command]
        found = app if not isinstance(app, str) else load_command_class(app, command)
        found.create_parser("manage.py", command).parse_args(arguments)


def test_the_worker_listens_to_every_queue_and_every_route_has_a_listener() -> None:
    words = command_of("worker")
    assert words[:4] == ["celery", "-A", "pmo", "worker"]
    assert set(words[words.index("-Q") + 1].split(",")) == set(QUEUES)
    assert {route["queue"] for route in celery_app.conf.task_routes.values()} <= set(QUEUES)
    assert command_of("beat")[:4] == ["celery", "-A", "pmo", "beat"]


def test_every_queue_gets_its_own_tasks_only() -> None:
    keys = {(queue.exchange.name, queue.routing_key) for queue in celery_app.amqp.queues.values()}
    assert len(keys) == len(QUEUES)


def test_the_web_servers_command_is_one_that_it_understands() -> None:
    words = command_of("web")
    assert words[0] == "granian" and words[-1] == "pmo.wsgi:application"
    flags = {word for word in words if word.startswith("--")}
    usage = subprocess.run([sys.executable, "-m", "granian", "--help"], capture_output=True, text=True).stdout
    known = set(re.findall(r"--[a-z][a-z-]+", usage))
    assert flags <= known, flags - known
    port = words[words.index("--port") + 1]
    assert services()["web"]["ports"][0].endswith(f":{port}")
    assert f"EXPOSE {port}" in dockerfile()


def test_every_health_check_asks_for_something_that_the_code_provides() -> None:
    web = services()["web"]["healthcheck"]["test"]
    address = urlsplit(re.search(r"http://[^']+", web[-1])[0])  # type: ignore[index]
    compile(web[-1], "healthcheck", "exec")
    assert resolve(address.path).view_name.endswith("readyz")
    assert str(address.port) == command_of("web")[command_of("web").index("--port") + 1]
    assert address.hostname in services()["web"]["environment"]["ALLOWED_HOSTS"].split()
    assert "celery -A pmo inspect ping" in services()["worker"]["healthcheck"]["test"][1]
    state = re.search(r"PMO_STATE_DIR=(\S+)", dockerfile())[1]  # type: ignore[index]
    beat, relay = (services()[name]["healthcheck"]["test"][1] for name in ("beat", "relay"))
    assert beat.startswith(f"find {state} -name 'beat-schedule*'")
    assert relay.startswith(f"find {state} -name relay.alive")
    assert '"beat-schedule"' in (ROOT / "pmo" / "settings.py").read_text()
    assert '"relay.alive"' in (ROOT / "pmo" / "outbox" / "relay.py").read_text()
    assert any(place.startswith(state) for place in services()["relay"]["tmpfs"])


def test_every_variable_of_the_compose_file_is_read_by_the_code() -> None:
    for name in OUR_IMAGE:
        unread = set(services()[name]["environment"]) - variables_read()
        assert not unread, (name, unread)
    script = (ROOT / "deploy" / "postgres-init.sh").read_text()
    for variable in set(services()["postgres"]["environment"]) - OF_POSTGRES:
        assert f"${variable}" in script, variable
    for line in re.findall(r"\b(PMO_[A-Z_]+|[A-Z_]+_URL|SECRET_KEY|DJANGO_SETTINGS_MODULE)=", dockerfile()):
        assert line in variables_read() | {"PMO_NO_EMBEDDED", "DJANGO_SETTINGS_MODULE"}, line


def test_every_process_logs_in_as_its_own_role() -> None:
    for name, (process, login) in ROLES_OF.items():
        environment = services()[name]["environment"]
        assert environment["PMO_PROCESS"] == process
        addresses = " ".join(value for key, value in environment.items() if key.startswith("DATABASE_"))
        assert f"//{login}:" in addresses, name
        assert ("DATABASE_OWNER_URL" in environment) == (name == "migrate"), "only migrate knows the owner"
    roles = (ROOT / "pmo" / "database" / "roles.sql").read_text()
    for login in ("pmo_owner", "pmo_app", "pmo_worker", "pmo_relay"):
        assert f"'{login}'" in roles
        assert f"ALTER ROLE {login} PASSWORD" in (ROOT / "deploy" / "postgres-init.sh").read_text()


def test_no_secret_is_written_down() -> None:
    for name, service in services().items():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable or variable == "SECRET_KEY":
                assert str(value).startswith("${"), (name, variable)
            for password in re.findall(r"//\w+:([^@]*)@", str(value)):
                assert password.startswith("${") and ":?" in password, (name, variable)


def test_every_mounted_or_copied_file_exists() -> None:
    for service in services().values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose()["volumes"] or (ROOT / source).exists(), source
    for words in re.findall(r"^COPY (?!--from)(.*)$", dockerfile(), re.MULTILINE):
        sources = [word for word in words.split() if not word.startswith("--")][:-1]
        assert all((ROOT / source).exists() for source in sources)
    for script in (ROOT / "deploy" / "postgres-init.sh", ROOT / ".ci" / "run"):
        assert subprocess.run(["bash", "-n", str(script)]).returncode == 0
        assert script.stat().st_mode & 0o111


def test_the_image_runs_as_nobody_special_and_takes_in_no_local_state() -> None:
    assert re.search(r"^USER pmo$", dockerfile(), re.MULTILINE)
    left_out = set((ROOT / ".dockerignore").read_text().split())
    assert {".git", ".venv", "var", "tests"} <= left_out
    assert services()["web"]["read_only"] and services()["web"]["cap_drop"] == ["ALL"]


def test_both_brokers_keep_their_promises() -> None:
    broker, cache_ = (" ".join(services()[name]["command"]) for name in ("broker", "cache"))
    assert "--maxmemory-policy noeviction" in broker and "--appendonly yes" in broker
    assert "--maxmemory-policy allkeys-lru" in cache_
    environment = services()["web"]["environment"]
    assert urlsplit(environment["REDIS_URL"]).hostname == "broker"
    assert urlsplit(environment["REDIS_CACHE_URL"]).hostname == "cache"


# ------------------------------------------------------------------ locks
def pins(name: str) -> dict[str, str]:
    """Package -> version of a lock file."""
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", text, re.MULTILINE))


def declared() -> tuple[set[str], set[str]]:
    """Names in pyproject.toml: those of a running office (with its embedded servers), and those of tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]

    def names(lines: list[str]) -> set[str]:
        return {re.split(r"[\[<>=; ]", line)[0].lower() for line in lines}

    return names(project["project"]["dependencies"] + groups["embedded"]), names(groups["dev"])


def test_the_locks_hold_exactly_what_is_declared_with_hashes_and_without_addresses() -> None:
    running, testing = declared()
    assert running <= set(pins("requirements.txt"))
    assert running | testing <= set(pins("requirements-dev.txt"))
    assert not {"pytest", "ruff", "mypy", "playwright"} & set(pins("requirements.txt"))
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text and "--index-url" not in text and "--find-links" not in text
        entries = [entry for entry in re.split(r"\n(?=\S)", text) if not entry.startswith("#")]
        assert all("--hash=sha256:" in entry for entry in entries), name


def test_tests_tools_and_benchmarks_import_only_what_is_declared() -> None:
    running, testing = declared()
    providers = metadata.packages_distributions()
    for folder in ("tests", "tools", "benchmarks"):
        beside = {path.stem for path in (ROOT / folder).glob("*.py")}  # a tool takes what lies beside it
        for path in (ROOT / folder).rglob("*.py"):
            for name in imported(path) - sys.stdlib_module_names - {"tests", "benchmarks", *OURS, *beside}:
                packages = {package.lower().replace("_", "-") for package in providers.get(name, [])}
                assert packages & (running | testing), f"{path}: {name} is not in pyproject.toml"


def imported(path: Path) -> set[str]:
    """Top-level names of the packages that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_each_dependency_says_why_it_is_there() -> None:
    lines = (ROOT / "pyproject.toml").read_text().split("dependencies = [")[1].split("\n]")[0].splitlines()
    for line in lines:
        if line.strip().startswith('"'):
            assert re.search(r",\s+# \w", line), line


def test_make_knows_the_daily_vocabulary() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make here")
    for target in ("check", "fix", "lock", "bench", "faults", "fuzz", "mutation"):
        done = subprocess.run([make, "-n", target], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
