"""Small bundles for tests, and the ways to spoil them."""

from __future__ import annotations

import io
import zipfile

from programs.exchange.bundle import read_bundle
from programs.exchange.draft import Draft
from programs.exchange.problems import Problem, Problems

GOOD: dict[str, str] = {
    "program.csv": "code,name,currency,time_zone\nRETAIL,Retail renewal,EUR,Europe/Brussels\n",
    "projects.csv": (
        "project_id,name,kind,manager,hours_per_day,start\n"
        "NET,Network,infrastructure,Ann,8,2027-01-04T08:00\n"
        "APP,Till software,software,Bo,8,2027-01-04T08:00\n"
    ),
    "calendars.csv": (
        "project_id,calendar_id,working_hours,non_working_weekdays_mon0,holidays\n"
        "NET,,8 9 10 11 13 14 15 16,5 6,2027-01-06\n"
        "APP,office,08:00-12:00 13:00-17:00,5 6,\n"
        ",night,00:00-06:00 22:00-24:00,,\n"
    ),
    "calendar_exceptions.csv": "calendar_id,date,to_date,shifts,name\noffice,2027-01-09,,09:00-13:00,Saturday\n",
    "activities.csv": (
        "project_id,kind,activity_id,wbs,name,parent_id,calendar_id,duration_hours,constraint,constraint_date,"
        "fixed_cost,total_cost,dur_optimistic_h,dur_most_likely_h,dur_pessimistic_h\n"
        "NET,group,N,1,Cabling,,,,,,,,,,\n"
        "NET,activity,N1,1.1,Order cable,N,,16,,,100.50,100.50,8,16,24\n"
        "NET,activity,N2,1.2,Lay cable,N,night,8,,,0,0,,,\n"
        "NET,milestone,N3,1.3,Network up,N,,0,,,,,,,\n"
        "APP,activity,A1,1,Build,,,40,SNET,2027-01-05,2000,2000,30,40,60\n"
        "APP,activity,A2,2,Roll out,,,24,FNLT,2027-01-29,,,,,\n"
    ),
    "dependencies.csv": (
        "project_id,from_project,to_project,from_activity,to_activity,type,lag_hours,lag_unit\n"
        "NET,,,N1,N2,FS,2,elapsed\n"
        "NET,,,N2,N3,FF,,\n"
        "APP,,,A1,A2,SS,50,percent\n"
        ",NET,APP,N3,A2,FS,-8,working\n"
    ),
    "resources.csv": "project_id,resource_id,name,type,availability,cost_per_hour\n,R1,Crew,renewable,2,80.25\n",
    "assignments.csv": "project_id,activity_id,resource_id,units\nNET,N1,R1,0.5\n",
    "status_dates.csv": "project_id,period,name,status_date\nNET,1,First,2027-01-05T17:00\n",
    "progress.csv": (
        "project_id,period,activity_id,actual_start,actual_duration_hours,remaining_duration_hours,"
        "percent_complete,actual_cost\nNET,1,N1,2027-01-04T08:00,8,8,50.5,600.25\n"
    ),
    "budget.csv": "project_id,category,nature,period,amount\nNET,hardware,capital,2027-01,1000.00\n",
    "actuals.csv": (
        "project_id,activity_id,date,category,nature,amount,reference\n"
        "NET,N1,2027-01-05,hardware,capex,99.95,INV-1\n"
    ),
}


def spoilt(file: str, old: str, new: str, **others: str) -> dict[str, bytes]:
    """The good bundle with one piece of text replaced (it must be there)."""
    assert old in GOOD[file], (file, old)
    text = GOOD | {file: GOOD[file].replace(old, new, 1)} | others
    return as_bytes(text)


def as_bytes(files: dict[str, str]) -> dict[str, bytes]:
    """Files as the reader gets them."""
    return {name: text.encode() for name, text in files.items()}


def read(files: dict[str, bytes]) -> tuple[Draft, list[Problem]]:
    """Draft and problems of a bundle in memory."""
    problems = Problems()
    draft = read_bundle(files, problems)
    return draft, problems.shown()


def errors(files: dict[str, bytes]) -> list[tuple[str, int | None, str, str]]:
    """File, row, column and value of every problem that blocks acceptance."""
    return [(p.file, p.row, p.column, p.value) for p in read(files)[1] if p.severity == "error"]


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The bundle as a zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name), body, compression)
    return out.getvalue()
