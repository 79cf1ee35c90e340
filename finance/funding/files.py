"""Funding by source and year as files: a CSV of what is shown, and a table with live totals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from finance.funding.models import FundingPlan
from finance.funding.selectors import Funding
from pmo.money import to_decimal
from pmo.reports.document import SUM, Column, Document, Group, Kind, Row, Section, Table
from programs.portfolio.models import Program


def flat(found: Funding, currency: str) -> tuple[list[str], Iterator[list[Any]]]:
    """Headings and rows; amounts in major units."""
    heads = ["fiscal_year", "unit", "unit_name", "requests", *found.funds, "total"]
    rows = (
        [
            unit.year, unit.unit, unit.name, unit.requests,
            *(to_decimal(unit.funds.get(fund, 0), currency) for fund in found.funds),
            to_decimal(unit.total, currency),
        ]
        for unit in found.units
    )  # fmt: skip
    return heads, rows


def document(program: Program, plan: FundingPlan, found: Funding) -> Document:
    """The table by year, each year with its subtotal."""
    columns = (
        Column("unit", "Unit"),
        Column("name", "Name"),
        Column("requests", "Requests", Kind.NUMBER, total=SUM),
        *(Column(f"fund-{fund}", fund, Kind.MONEY, program.currency, total=SUM) for fund in found.funds),
        Column("total", "Total", Kind.MONEY, program.currency, total=SUM),
    )
    groups = tuple(
        Group(
            tuple(
                Row(
                    (
                        unit.unit, unit.name, unit.requests,
                        *(unit.funds.get(fund, 0) for fund in found.funds), unit.total,
                    )
                )
                for unit in units
            ),
            str(year),
        )
        for year, units in groupby(found.units, key=lambda unit: unit.year)
    )  # fmt: skip
    step = found.steps[found.step]
    return Document(
        title="Capital program",
        program_code=program.code,
        program_name=program.name,
        as_of=plan.uploaded_at,
        known=plan.uploaded_at,
        sections=(Section(f"Funding by source: {step}", (Table(columns, groups),)),),
        subtitle=f"{plan.file_name}, step {step}, in {program.currency}",
    )
