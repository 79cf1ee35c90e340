"""Runs tests in a forked process, on a module as it is or as it is changed in memory; the tree is not written to."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.abc
import importlib.util
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
FEW, MANY = (
    15,
    100,
)  # examples of each property: few first, then as many as the test run has for what survived them
SPARE = 10  # a mutant may take so many times the CPU of the unchanged module, and at least LEAST seconds
LEAST = 2.0
# No plugin, Django's least of all, and no fixtures of those who need a database: pure modules have pure tests.
# Nobody reads why a mutant failed, so nothing is prepared for reading: no rewritten assertions, no traceback.
ALONE = [
    *("-x", "-q", "-c", os.devnull, "--rootdir", ".", "--import-mode=importlib", "--noconftest"),
    *("--assert=plain", "--tb=no", "--disable-warnings", "--disable-plugin-autoload"),
    *(f"-pno:{plugin}" for plugin in ("cacheprovider", "unraisableexception", "threadexception")),
]


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a source in memory."""

    def __init__(self, module: str, source: str) -> None:
        self.name, self.source = module.removesuffix(".py").replace("/", "."), source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Of this one module alone."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        exec(compile(self.source, f"<mutant of {self.name}>", "exec"), module.__dict__)  # noqa: S102


@contextlib.contextmanager
def compiled_once() -> Iterator[None]:
    """Each unchanged module is compiled once for all mutants, into a directory of its own that goes at the end."""
    sys.dont_write_bytecode, sys.pycache_prefix = False, tempfile.mkdtemp(prefix="pmo-mutate-")
    try:
        yield
    finally:
        shutil.rmtree(sys.pycache_prefix, ignore_errors=True)


def forked(
    tests: Sequence[str],
    change: Changed | None,
    limit: float,
    *,
    examples: int = MANY,
    told: Path | None = None,
) -> int:
    """Start the tests in a process of their own and return its id.

    `limit` is in seconds of CPU, `examples` of each property; `told` gets the names of the modules that were loaded
    from outside the project.
    """
    if child := os.fork():
        return child
    code = 70
    try:
        signal.setitimer(signal.ITIMER_PROF, limit)  # SIGPROF ends it
        gc.freeze()  # what the parent has loaded is never garbage: nobody need look through it
        quiet = os.open(os.devnull, os.O_WRONLY)
        if not os.environ.get("PMO_MUTATION_LOUD"):
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
        if change is not None:
            sys.meta_path.insert(0, change)
        import pytest
        from hypothesis import HealthCheck, Phase, settings

        # The same cases for each mutant; whether one fails is asked, never for the smallest that does. A machine
        # that is slow has noticed nothing.
        settings.register_profile(
            "mutants",
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutants")
        code = int(pytest.main([*ALONE, *tests]))
        if told is not None:
            told.write_text("\n".join(name for name, one in list(sys.modules.items()) if foreign(one)))
    finally:
        os._exit(code)


def foreign(module: ModuleType) -> bool:
    """Loaded from a file outside the tree: the project's own modules are loaded anew for each mutant."""
    file = getattr(module, "__file__", None)
    return bool(file) and (".venv" in str(file) or not Path(str(file)).is_relative_to(ROOT))


def unchanged(tests: Sequence[str], examples: int) -> float:
    """Seconds of CPU that the tests take; loads into this process what they load from outside the project."""
    told = Path(tempfile.gettempdir(), f"pmo-mutate-{os.getpid()}")
    used = 0.0
    for _ in range(2):
        before = processor()
        _, status = os.waitpid(forked(tests, None, 600, examples=examples, told=told), 0)
        if status:
            sys.exit(f"{' '.join(tests)}: red before anything was changed")
        used = processor() - before
        for name in told.read_text().split():
            with contextlib.suppress(
                Exception
            ):  # some want Django to be set up first: then each loads its own
                importlib.import_module(name)
        told.unlink()
    return used


def processor() -> float:
    """Seconds of CPU of everything that was started and is over."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def allowed(tests: Sequence[str], examples: int) -> float:
    """Seconds of CPU after which a mutant counts as noticed: it goes on for ever, or nearly."""
    return max(LEAST, SPARE * unchanged(tests, examples))
