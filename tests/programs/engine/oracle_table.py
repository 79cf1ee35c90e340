"""Writes `docs/engine-oracles.md`: what of the dates stored in real plan files the engine gives.

    python -m tests.programs.engine.oracle_table          renews the page
    python -m tests.programs.engine.oracle_table --print  only shows it

The reasons of differences are written here by hand, per file and activity; a difference without a reason ends the
run with an error, so that none goes unnamed.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from programs.engine import schedule
from tests.programs.engine.neutral import Difference, Dump, compare, read
from tests.shared import shared

PAGE = Path(__file__).resolve().parents[3] / "docs" / "engine-oracles.md"
FIELDS = ("ES", "EF", "LS", "LF", "TF", "FF")
GOLD = (
    "p6_hotel_project.xer",
    "p6_progress_override_test.xer",
    "p6_terminal_building.xer",
    "p6_task_se_sample.xer",
)
MICROSOFT = (
    *("mspc_mp_j120_a2_nr5_AgentCopp3.xml", "mspc_mp_j30_a2_nr5.xml", "mspc_mp_j30_a5_nr1.xml"),
    *("mspc_mp_j90_a2_nr5.xml", "mspc_sf259_baselines.xml", "mspc_cost_rollup.xml"),
    *("msp_task_links_2003.xml", "msp_task_links_2007.xml", "msp_task_links_2013.xml", "msp_relations.xml"),
)
PARTIAL = ("msp_sample.xml", "p6_small_sample.xer", "msp_task_links_2016.xml", "msp_task_links_2019.xml")

_GAP = "a start milestone before work on another calendar: P6 stores one working hour less; its rule is not known to us"
_ACROSS = "a free float over a link to another calendar; P6 counts the rest of its day; not reproduced"
_LATE = "started work, progress override: something bounds P6's late finish that does not bound ours; rule not known"
REASONS: dict[str, dict[int, str]] = {
    "p6_hotel_project.xer": dict.fromkeys((146013, 146204, 146329, 146479), _GAP)
    | dict.fromkeys((143800, 144004, 146617, 146625), _ACROSS),
    "p6_progress_override_test.xer": {
        116771: "must finish on 08:00 of the day whose status date is 09:40: ours keeps the constraint and reports it,"
        " P6 keeps the status date and shows a float of -100 minutes",
        116948: _LATE,
        116932: _LATE,
    },
    "p6_small_sample.xer": {
        6: "the file is partly made by hand (manifest): its dates contradict its remaining duration"
    },
}
_EFFORT = (
    "task 2 is effort-driven and its resources do it in half its duration; the engine is not given assignments, so it"
    " ends 50 days later, and with it the finish that all late dates and floats of the file run to"
)


def driving_path_flags(name: str) -> dict[int, str]:
    """Per activity id, Primavera's own mark of the longest path."""
    flags: dict[int, str] = {}
    columns: list[str] = []
    table = ""
    for line in shared(f"plans/{name}").read_text(encoding="cp1252", errors="replace").splitlines():
        tag, *fields = line.split("\t")
        if tag == "%T":
            table = fields[0]
        elif tag == "%F" and table == "TASK":
            columns = fields
        elif tag == "%R" and table == "TASK":
            row = dict(zip(columns, fields, strict=False))
            flags[int(row["task_id"])] = row.get("driving_path_flag", "")
    return flags


def path_agreement(name: str, dump: Dump) -> tuple[int, int, int]:
    """Of the unfinished activities: how many Primavera marks, how many are marked alike, of how many."""
    flags, result = driving_path_flags(name), schedule(dump.plan, dump.rules)
    pairs = [
        (flags[activity] == "Y", result.on_longest_path[i])
        for i, activity in enumerate(dump.ids)
        if dump.plan.actual_finish[i] is None and dump.plan.kind[i] < 3 and activity in flags
    ]
    return sum(theirs for theirs, _ in pairs), sum(a == b for a, b in pairs), len(pairs)


def _wall(value: int, field: str) -> str:
    if field in ("TF", "FF"):
        return f"{value:,} min"
    return (datetime(1970, 1, 1) + timedelta(minutes=value)).strftime("%Y-%m-%d %H:%M")


def _share(right: int, of: int) -> str:
    return f"{right:,}/{of:,}" if of else "-"


def _row(name: str, dump: Dump, compared: dict[str, int], off: list[Difference]) -> str:
    cells = [_share(compared[f] - sum(d.field == f for d in off), compared[f]) for f in FIELDS]
    path = "-"
    if name in GOLD:
        _, right, of = path_agreement(name, dump)
        path = _share(right, of)
    counts = f"{len(dump.plan.duration):,} | {len(dump.plan.predecessor):,}"
    return f"| {name} | {counts} | {' | '.join(cells)} | {path} |"


def page() -> str:
    """The whole page as Markdown. Raises `SystemExit` for a difference that has no reason."""
    head = [
        "| file | activities | links | " + " | ".join(FIELDS) + " | longest path |",
        "| --- | ---: | ---: | " + "---: | " * (len(FIELDS) + 1),
    ]
    tables: dict[str, list[str]] = {}
    named: list[str] = []
    totals: dict[str, list[int]] = {f: [0, 0] for f in (*FIELDS, "path")}
    for title, names in (("Primavera P6", GOLD), ("MS Project", MICROSOFT), ("Partial", PARTIAL)):
        tables[title] = [*head]
        for name in names:
            dump = read(name)
            compared, off = compare(dump)
            tables[title].append(_row(name, dump, compared, off))
            if title == "Primavera P6":
                for f in FIELDS:
                    totals[f][0] += compared[f] - sum(d.field == f for d in off)
                    totals[f][1] += compared[f]
                _, right, of = path_agreement(name, dump)
                totals["path"][0] += right
                totals["path"][1] += of
            if name == "msp_sample.xml":
                named.append(
                    f"| {name} | all {len({d.activity for d in off})} | {len(off)} values | | | {_EFFORT} |"
                )
                continue
            for d in off:
                reason = REASONS.get(name, {}).get(d.activity)
                if reason is None:
                    raise SystemExit(
                        f"{name}: activity {d.activity}, {d.field}: a difference without a reason"
                    )
                values = f"{_wall(d.ours, d.field)} | {_wall(d.theirs, d.field)}"
                named.append(f"| {name} | {d.activity} | {d.field} | {values} | {reason} |")
    sums = ", ".join(f"{f} {100 * right / of:.2f} % of {of:,}" for f, (right, of) in totals.items())
    parts = [
        "# Oracles of the schedule engine",
        "Dates and floats that Primavera P6 and MS Project stored in real plan files, against ours. Made by\n"
        "`python -m tests.programs.engine.oracle_table`; held by `tests/programs/engine/test_oracles.py`.\n"
        "A value agrees when no more than a minute of work lies between both. Not compared: what the\n"
        "file does not store, completed and manual work, starts of begun work, levels of effort and summaries.\n"
        "A negative free float of ours may also agree as zero: some tools store it so.",
        "The rules were found from these same files (`design/engine.md`), so this is no blind test.",
        f"## Primavera P6\nAll four together: {sums}.",
        "\n".join(tables["Primavera P6"]),
        "## MS Project",
        "\n".join(tables["MS Project"]),
        "## Files that are not whole oracles",
        "\n".join(tables["Partial"]),
        "`msp_task_links_2016/2019` hold manual tasks only. The other files of the folder\n"
        "store nothing to compare.",
        "## Every difference",
        "| file | activity | field | ours | theirs | why |\n| --- | ---: | --- | --- | --- | --- |\n"
        + "\n".join(named),
        "## Other oracles, all equal",
        "| data | what | test |\n| --- | --- | --- |\n"
        "| `02_` relation types | 20 networks over all link types, durations and lags; late dates in the"
        " 11 that bound them by the finish | `test_worked_examples.py` |\n"
        "| `02_` CPM and PERT | dates, floats, critical activities, mean completion | `test_worked_examples.py` |\n"
        "| `02_`, `psplib/` | length of all 2,040 PSPLIB networks (MPM time) | `test_oracles.py` |\n"
        "| `01_` | 203 activities of 11 projects (dates, float, critical), length of 21 critical paths |"
        " `test_worked_examples.py`, `exchange/test_real_plans.py` |\n"
        "| `11_` | Fedora 20 release plan against TaskJuggler | `exchange/test_fedora_sample.py` |",
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Renew the page, or print it."""
    text = page()
    if "--print" in sys.argv[1:]:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
