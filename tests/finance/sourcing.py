"""A source of costs and its files in tests: how it writes, what is read of it, what is wrong, what is accepted."""

from __future__ import annotations

from typing import Any

from finance.imports import services, source_services
from finance.imports.layout import Layout
from finance.imports.models import ActualBatch, CostSource
from tests.finance.office import Office
from tests.finance.test_pages import browser

OURS = ("date", "amount", "vendor", "text")
FIXED = {"project": "CRM", "category": "services", "nature": "operating"}
PLAIN = Layout(columns={"source_reference": "Doc", "date": "Day", "amount": "Sum"}, defaults=FIXED)


def described(office: Office, layout: Layout, name: str = "SAP") -> CostSource:
    return office.does("fiona", source_services.add_source, program=office.program, name=name, layout=layout)


def read(office: Office, content: str | bytes, source: CostSource | None = None, **more: Any) -> ActualBatch:
    data = content.encode() if isinstance(content, str) else content
    return office.does(
        "fiona",
        services.read_file,
        program=office.program,
        name="erp.csv",
        content=data,
        source=source,
        **more,
    )


def problems(batch: ActualBatch) -> dict[int, str]:
    return {one["row"]: one["problem"] for one in batch.problems}


def accept(office: Office, batch: ActualBatch) -> ActualBatch:
    return office.does("fiona", services.accept, batch=batch)


def faults_of(office: Office, batch: ActualBatch, who: str = "fiona") -> str:
    answer = browser(office, who).get(f"/p/ATLAS/costs/{batch.pk}/faults.csv")
    assert answer.streaming and "attachment" in answer.headers["Content-Disposition"]
    return answer.getvalue().decode()
