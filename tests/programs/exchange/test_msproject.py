"""MS Project's own files: what is missing is said by name; where MPXJ and Java are at hand a plan is really read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from programs.exchange import msproject, sandbox
from programs.exchange.problems import ImportRefused
from tests.shared import shared

MPP = msproject.MPP + b"\xa1\xb1\x1a\xe1" + bytes(600)


def java(folder: Path, says: str) -> None:
    """A stand-in for a runtime that answers `--list-modules` with these words."""
    program = folder / "java"
    program.write_text(f"#!/bin/sh\necho {says}\n")
    program.chmod(0o755)


def package(folder: Path) -> None:
    (folder / "mpxj" / "lib").mkdir(parents=True)
    (folder / "mpxj" / "__init__.py").write_text("raise RuntimeError('never imported')\n")


def test_what_is_missing_is_named_and_xml_is_offered_instead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", [one for one in sys.path if "mpxj" not in one])
    monkeypatch.setenv("PATH", str(tmp_path))
    if msproject._jars() == "":
        with pytest.raises(ImportRefused, match=r"the package mpxj.*Save the plan as XML"):
            sandbox.read_upload(MPP, "plan.mpp")
        package(tmp_path)
        monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportRefused, match="no Java runtime"):
        sandbox.read_upload(MPP, "plan.mpp")
    java(tmp_path, "java.base@25")
    with pytest.raises(ImportRefused, match=r"trimmed one without the module jdk\.charsets"):
        sandbox.read_upload(MPP, "plan.mpp")


def test_a_runtime_that_fails_or_writes_nothing_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    java(tmp_path, "jdk.charsets@25")
    with pytest.raises(ImportRefused, match="could not be read by MPXJ"):
        sandbox.read_upload(MPP, "plan.mpp")


@pytest.mark.skipif(
    bool(msproject.missing()) and not os.environ.get("PMO_MPXJ"),
    reason="MPXJ or a full Java runtime is not installed (PMO_MPXJ names a folder with the package)",
)
def test_a_plan_is_really_read_through_mpxj(monkeypatch: pytest.MonkeyPatch) -> None:
    if folder := os.environ.get("PMO_MPXJ"):
        monkeypatch.syspath_prepend(folder)
    read = sandbox.read_upload(shared("12_exchange_formats/sample.mpx").read_bytes(), "sample.mpx")
    assert read.errors == 0, read.problems
    assert read.draft.source == "mspdi"
    assert read.totals.activities > 3
    assert read.totals.dependencies > 0
    with pytest.raises(ImportRefused, match="could not be read by MPXJ"):
        sandbox.read_upload(MPP, "plan.mpp")
