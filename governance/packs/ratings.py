"""Health in reports: the six computed dimensions, and what manager and independent assurance say beside them."""

from __future__ import annotations

from governance.health import stated
from governance.health.selectors import Figures
from pmo.reports.document import Block, Column, KeyFigure, KeyFigures, Kind, Paragraph, Section, Tone, table


def six(figures: Figures, said: stated.Known) -> KeyFigures:
    """The six dimensions with their sentence, rule, and what manager and independent assurance say of them."""
    return KeyFigures(
        tuple(
            KeyFigure(
                one.label,
                one.computed.sentence,
                note=" · ".join(part for part in (one.computed.rule, one.words) if part),
                rag=one.computed.colour,
                href=one.computed.href,
            )
            for one in stated.sides(figures, said)[1:]
        )
    )


def side_by_side(figures: Figures, said: stated.Known) -> Section | None:
    """The dimensions of program and projects of which somebody said something that counts, with the reason."""
    rows = []
    for code, one in stated.everything(figures, said):
        words = [word for word in (one.manager, one.assurance) if word is not None and word.counts]
        if words:
            rows.append(
                (
                    f"{code or figures.program.code} {one.dimension}",
                    one.computed.colour or None,
                    (one.manager.counts or None) if one.manager else None,
                    (one.assurance.counts or None) if one.assurance else None,
                    "; ".join(f"{word.person}, {word.age_words}: {word.reason}" for word in words),
                )
            )
    if not rows:
        return None
    columns = (
        Column("what", "Rated"),
        Column("computed", "Computed", Kind.RAG),
        Column("manager", "Manager's", Kind.RAG),
        Column("assurance", "Assurance's", Kind.RAG),
        Column("why", "Why"),
    )
    blocks: list[Block] = [table(columns, rows)]
    apart = stated.differences(figures, said)
    if apart:
        blocks.append(Paragraph(f"Two steps apart: {'; '.join(apart)}.", Tone.WARNING))
    return Section("Ratings side by side", tuple(blocks))
