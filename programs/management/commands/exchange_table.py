"""`manage.py exchange_table FOLDER...`: every plan file in the folders through the importer, as the docs' table."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.exchange.problems import ImportRefused
from programs.exchange.sandbox import Read
from programs.exchange.sheet_options import read_plan

_ENDINGS = (".xml", ".xer", ".gan", ".csv", ".xlsx", ".zip", ".mpx", ".mpp")
_NO_PLANS = ("manifest.csv", "neutral_dumps.zip")
"""Beside the plans of `shared/data`: what is known of them, and the same plans as text."""
_HEAD = (
    "| file | activities | links | errors | warnings | agree | early | late | float "
    "| why the others differ | not carried over | s |"
)


class Command(BaseCommand):
    """Reads each file in the child process as an upload is read, and writes one row of Markdown for it."""

    help = "Read all plan files of the folders and print the table of docs/exchange.md. No database."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", nargs="+", help="folders that hold plan files")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with an error where a folder holds no plan files."""
        files = [
            path
            for folder in options["folders"]
            for path in sorted(Path(folder).glob("*"))
            if path.suffix.lower() in _ENDINGS and path.name not in _NO_PLANS
        ]
        if not files:
            raise CommandError("These folders hold no plan files.")
        self.stdout.write(_HEAD + "\n" + "| --- |" + " ---: |" * 8 + " --- | --- | ---: |")
        for path in files:
            begun = time.perf_counter()
            try:
                read = read_plan(path, [])
            except ImportRefused as refusal:
                self.stdout.write(f"| {path.name} |" + " |" * 8 + f" refused: {refusal.reason} | | |")
                continue
            self.stdout.write(row(path.name, read, time.perf_counter() - begun))
        load, cores = os.getloadavg()[0], os.cpu_count()
        self.stdout.write(
            f"\n{len(files)} files, read one after the other on {cores} cores with {load:.1f} processes waiting."
        )


def row(name: str, read: Read, seconds: float) -> str:
    """One file's row: what was read, how many of the file's own dates our engine gives, and why not the others."""
    totals, dates = read.totals, read.totals.dates
    equal = [
        f"{dates['equal'][group]}/{dates['compared'][group]}" if group in dates.get("equal", {}) else "–"
        for group in ("early dates", "late dates", "floats")
    ]
    agree = f"{dates['agree']}/{dates['activities']}" if dates else "–"
    why = "; ".join(f"{one['activities']} {one['rule']}" for one in dates.get("rules", ()))
    cells = [name, totals.activities, totals.dependencies, read.errors, read.warnings, agree, *equal, why]
    cells.append("; ".join(read.draft.dropped))
    return "| " + " | ".join(str(cell) for cell in cells) + f" | {seconds:.1f} |"
