"""What the departments asked for and were given in two fiscal years: the example's capital program."""

from __future__ import annotations

from datetime import date

STEPS = "asked, planning, approved"
FUNDS = "Bonds: 1\nGeneral funds: 2\nGrants: 5, 6"
# year (from this one), unit, its name, request, title, source, its name, thousands at each step
REQUESTS = (
    (0, "FIN", "Finance", "CP-01", "ERP licences", "100", "Term loan", 900, 900, 900),
    (0, "FIN", "Finance", "CP-01", "ERP licences", "200", "Retained earnings", 200, 100, 100),
    (
        0,
        "IT",
        "Infrastructure",
        "CP-02",
        "Storage for the new data centre",
        "100",
        "Term loan",
        700,
        650,
        600,
    ),
    (
        0,
        "IT",
        "Infrastructure",
        "CP-03",
        "Fire protection of the old data centre",
        "100",
        "Term loan",
        120,
        0,
        0,
    ),
    (0, "HR", "People", "CP-04", "Training rooms", "520", "Skills grant", 80, 80, 80),
    (
        1,
        "IT",
        "Infrastructure",
        "CP-02",
        "Storage for the new data centre",
        "100",
        "Term loan",
        300,
        300,
        250,
    ),
    (1, "IT", "Infrastructure", "CP-05", "Identity service", "200", "Retained earnings", 220, 180, 180),
    (1, "FIN", "Finance", "CP-01", "ERP licences", "100", "Term loan", -50, -50, -50),
)


def capital_program(today: date) -> bytes:
    """The file of requests, as the controller enters it."""
    rows = (
        ",".join([str(today.year + year), *texts, *(f"{amount * 1000}.00" for amount in amounts)])
        for year, *texts, first, second, third in REQUESTS
        for amounts in [(first, second, third)]
    )
    heads = f"fiscal_year,unit,unit_name,request,title,source,source_name,{STEPS.replace(', ', ',')}"
    return "\n".join([heads, *rows]).encode()
