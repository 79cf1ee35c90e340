"""The rows of a register: every text escaped, safe badges kept, links only where there is somewhere to go."""

from types import SimpleNamespace

from pmo.formats import rag
from pmo.tables import Column, _row

COLUMNS = (
    Column("Code", lambda row: row.code, href=lambda row: row.href),
    Column('A "label"', lambda row: row.title),
    Column("Score", lambda row: row.score, num=True),
    Column("State", lambda row: rag(row.state)),
)


def row(**values: object) -> str:
    given = {"code": "R-1", "title": "Late", "score": 1234, "state": "red", "href": "/p/A/?a=1&b=2"}
    return _row(COLUMNS, SimpleNamespace(**given | values))


def test_what_people_typed_stays_text_in_every_cell() -> None:
    shown = row(code="<b>", title='"><script>')
    assert "<b>" not in shown and "<script>" not in shown
    assert '<a href="/p/A/?a=1&amp;b=2">&lt;b&gt;</a>' in shown
    assert 'data-label="A &quot;label&quot;"' in shown


def test_numbers_stand_right_short_words_stay_on_one_line_and_long_ones_may_break() -> None:
    assert '<td data-label="Score" class="num">1234</td>' in row()
    assert 'class="nowrap">Late</td>' in row()
    assert 'class="nowrap">The supplier' not in row(title="The supplier is late again and again")


def test_a_badge_keeps_its_markup_and_a_row_that_leads_nowhere_has_no_link() -> None:
    assert str(rag("red")) in row()
    assert row(href="").startswith('<tr><th scope="row">R-1</th>')
