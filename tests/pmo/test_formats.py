"""What figures, dates and states look like on screen."""

from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import timezone

from pmo import formats
from pmo.formats import GAP, MINUS


def plain(text: str) -> str:
    """The text with ordinary spaces, so that expectations can be read."""
    return text.replace(GAP, " ")


def test_a_date_is_written_with_the_month_in_letters() -> None:
    assert formats.day(date(2027, 3, 31)) == "31 Mar 2027"
    assert formats.day_short(date(2027, 3, 31)) == "31 Mar"
    assert formats.month(date(2027, 3, 1)) == "Mar 2027"


def test_an_instant_is_shown_on_the_day_that_it_has_in_the_current_time_zone() -> None:
    late = datetime(2027, 3, 31, 23, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo("Europe/Vienna")):
        assert formats.day(late) == "1 Apr 2027"
        assert formats.moment(late) == "1 Apr 2027 01:30"
    assert formats.moment(late, ZoneInfo("America/New_York")) == "31 Mar 2027 19:30"


@pytest.mark.parametrize(
    ("days", "text"), [(18, "+18 d"), (-2, f"{MINUS}2 d"), (0, "0 d"), (Decimal("0.4"), "0 d"), (None, "—")]
)
def test_a_slip_has_its_sign_and_its_unit_and_zero_has_no_sign(days: int | None, text: str) -> None:
    assert plain(formats.delta_days(days)) == text


def test_being_late_is_red_and_being_early_is_green_and_the_sign_says_so_too() -> None:
    assert formats.slip(18) == f'<span class="bad">+18{GAP}d</span>'
    assert formats.slip(-2) == f'<span class="good">{MINUS}2{GAP}d</span>'
    assert formats.slip(0) == f"0{GAP}d"


def test_money_is_short_on_screen_and_exact_in_its_title() -> None:
    shown = formats.money_short(2_620_000_000, "EUR")
    assert shown == f'<span title="26,200,000.00{GAP}EUR">26.2M</span>'
    assert plain(formats.money_text(2_620_000_000, "EUR")) == "26.2M EUR"
    assert plain(formats.money_exact(-40_000_000, "EUR")) == f"{MINUS}400,000.00 EUR"


def test_a_short_amount_below_ten_thousand_has_no_space_at_its_end() -> None:
    assert formats.money_text(250_000, "EUR", unit=False) == "2.5k"


def test_a_difference_of_money_shows_its_sign() -> None:
    assert formats.money_text(-40_000_000, "EUR", sign=True, unit=False) == f"{MINUS}400k"
    assert formats.money_text(40_000_000, "EUR", sign=True, unit=False) == "+400k"


def test_what_is_not_known_is_a_dash_and_never_a_zero() -> None:
    assert {
        formats.day(None),
        formats.moment(None),
        formats.ago(None),
        formats.number(None),
        formats.percent(None),
        formats.delta_days(None),
        formats.money_text(None, "EUR"),
        formats.money_short(None, "EUR"),
        formats.money_exact(None, "EUR"),
    } == {"—"}


def test_percent_is_already_percent_and_rounding_to_nothing_drops_the_sign() -> None:
    assert plain(formats.percent(86)) == "86 %"
    assert plain(formats.percent(Decimal("86.25"), 1)) == "86.2 %"
    assert formats.number(-0.2) == "0"
    assert formats.number(-1284) == f"{MINUS}1,284"
    assert formats.index(0.861) == "0.86"


def test_ages_are_rounded_down_to_the_largest_unit() -> None:
    assert [plain(formats.ago(age)) for age in (2.9, 61, 7200, 90_000)] == [
        "2 s ago",
        "1 min ago",
        "2 h ago",
        "1 d ago",
    ]


@pytest.mark.parametrize(
    ("state", "shape", "word"),
    [("green", "●", "Green"), ("AMBER", "▲", "Amber"), ("red", "■", "Red"), ("", "○", "Not rated")],
)
def test_a_status_is_a_shape_and_a_word(state: str, shape: str, word: str) -> None:
    badge = formats.rag(state)
    assert shape in badge
    assert word in badge


def test_an_unknown_status_never_looks_like_a_good_one() -> None:
    badge = formats.rag('green" onclick="x')
    assert "Not rated" in badge
    assert 'class="badge"' in badge


def test_a_badge_with_its_own_text_keeps_the_word_for_screen_readers_and_escapes_the_text() -> None:
    badge = formats.rag("red", "<b>+18 d</b>")
    assert '<span class="sr-only">Red: </span>' in badge
    assert "&lt;b&gt;+18 d&lt;/b&gt;" in badge


class _Values(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append(dict(attrs))


def test_json_for_htmx_survives_a_quoted_attribute_with_hostile_text() -> None:
    hostile = {
        "name": """"'><script>alert(1)</script>&amp;""",
        "day": date(2027, 3, 31),
        "n": Decimal("1.50"),
    }
    template = engines["django"].from_string('<form hx-vals="{{ values|hx_json }}"></form>')
    parser = _Values()
    parser.feed(template.render({"values": hostile}))
    assert len(parser.attributes) == 1
    assert set(parser.attributes[0]) == {"hx-vals"}
    import json

    read = json.loads(parser.attributes[0]["hx-vals"] or "")
    assert read == {"name": hostile["name"], "day": "2027-03-31", "n": "1.50"}


def test_json_for_htmx_is_always_an_object_because_htmx_would_run_a_string() -> None:
    with pytest.raises(TypeError):
        formats.hx_json("js:alert(1)")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Maria Olsen", "MO"), ("Anna Maria Berg", "AB"), ("Cher", "C"), ("", "·"), (None, "·")],
)
def test_a_person_is_known_by_the_first_and_last_initial(name: str | None, letters: str) -> None:
    assert engines["django"].from_string("{{ name|initials }}").render({"name": name}) == letters


def test_a_get_form_keeps_the_other_filters_of_the_address_escaped() -> None:
    from django.test import RequestFactory

    request = RequestFactory().get("/", {"zoom": 'week"><script>', "at": "2026-11-22", "page": "3"})
    html = engines["django"].from_string('{% keep_query "at" "page" %}').render({}, request)
    assert html == '<input type="hidden" name="zoom" value="week&quot;&gt;&lt;script&gt;">'
