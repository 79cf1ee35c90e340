"""Charts: axes whose ticks can be read, drawings that nobody can inject into, colours for screen and paper."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from pmo import charts, svg
from pmo.axes import LABEL_GAP, ticks
from pmo.charts import Bar, Series

HOSTILE = """</text></svg><script>alert("1")</script>&'\x00\x1b\ufffe"""
SVG = "{http://www.w3.org/2000/svg}"
finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)


def parsed(drawing: str) -> Element:
    return fromstring(drawing)  # our own output


def s_curve(label: str = "Actual", *, standalone: bool = False, status_x: float | None = 12) -> str:
    return charts.line_chart(
        [
            Series("Planned", [(0, 0), (12, 1050), (24, 2400)], 3, "Planned"),
            Series("Actual", [(0, 0), (12, 1090)], 2, label),
            Series("Earned", [(0, 0), (12, 940)], 1, "Earned 940"),
        ],
        title=f"Earned value {label}",
        description="To 20 Nov 2026",
        key="ev",
        x_labels=[(0, "Jan 26"), (12, "Dec 26"), (24, "Dec 27")],
        y_text=lambda value: f"{value:,.0f}",
        status_x=status_x,
        standalone=standalone,
    )


@given(finite, finite)
def test_ticks_cover_the_figures_and_are_few_and_even(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 2 <= len(found) <= 12
    slack = (found[1] - found[0]) * 1e-6
    assert found[0] <= min(low, high) + slack
    assert found[-1] >= max(low, high) - slack
    assert all(found[place] < found[place + 1] for place in range(len(found) - 1))


@pytest.mark.parametrize(
    ("high", "expected"),
    [(23.8, [0, 6, 12, 18, 24]), (100, [0, 25, 50, 75, 100]), (0, [0, 0.25, 0.5, 0.75, 1])],
)
def test_ticks_are_numbers_that_people_count_in(high: float, expected: list[float]) -> None:
    assert ticks(0, high) == pytest.approx(expected)


def test_an_axis_refuses_what_is_not_finite() -> None:
    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValueError):
            ticks(0, bad)
        with pytest.raises(ValueError):
            svg.num(bad)


def test_hostile_names_stay_text_in_every_chart() -> None:
    drawings = [
        s_curve(HOSTILE),
        charts.columns(
            [HOSTILE],
            [Series(HOSTILE, [(0, 1)])],
            title=HOSTILE,
            description=HOSTILE,
            key=HOSTILE,
            y_text=str,
        ),
        charts.bars([Bar(HOSTILE, 1, HOSTILE, 1, f"/x/{HOSTILE}")], title=HOSTILE, description="", key="b"),
        charts.sparkline([1, 2], title=HOSTILE, key="s"),
        charts.heat_map(
            {(1, 1): 2}, title=HOSTILE, description="", key="h", href=lambda _l, _i: "javascript:alert(1)"
        ),
        charts.p_curve(
            [(0, 0), (1, 1)], [(1, 1, HOSTILE)], title="", description="", key="p", x_labels=[(0, HOSTILE)]
        ),
    ]
    for drawing in drawings:
        root = parsed(drawing)
        assert not [node for node in root.iter() if node.tag.endswith("script")]
        assert "javascript" not in drawing
        assert not [
            name for node in root.iter() for name in node.attrib if name == "style" or name.startswith("on")
        ]


def test_the_curves_and_their_texts_lie_inside_the_drawing() -> None:
    root = parsed(s_curve())
    width, height = (float(value) for value in root.attrib["viewBox"].split()[2:])
    for line in root.iter(f"{SVG}polyline"):
        for pair in line.attrib["points"].split():
            x, y = (float(value) for value in pair.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert 0 <= float(text.attrib["y"]) <= height


def test_more_money_is_drawn_higher_and_later_further_right() -> None:
    planned = next(parsed(s_curve()).iter(f"{SVG}polyline")).attrib["points"].split()
    points = [tuple(float(value) for value in pair.split(",")) for pair in planned]
    assert points[0][0] < points[1][0] < points[2][0]
    assert points[0][1] > points[1][1] > points[2][1]


def test_the_names_of_lines_that_end_close_together_do_not_overlap() -> None:
    ends = [text for text in parsed(s_curve()).iter(f"{SVG}text") if "end s" in text.attrib.get("class", "")]
    heights = sorted(float(text.attrib["y"]) for text in ends if text.text in ("Actual", "Earned 940"))
    assert heights[1] - heights[0] >= 11


def test_stacked_columns_pile_up_and_refunds_hang_below_zero() -> None:
    drawing = charts.columns(
        ["Jan"],
        [
            Series("Committed", [(0, 30)], 1),
            Series("Forecast", [(0, 20)], 4),
            Series("Refund", [(0, -10)], 2),
        ],
        title="Cash",
        description="",
        key="cash",
        y_text=str,
    )
    boxes = [
        (float(box.attrib["y"]), float(box.attrib["height"])) for box in parsed(drawing).iter(f"{SVG}rect")
    ]
    committed, forecast, refund = boxes
    assert forecast[0] + forecast[1] == pytest.approx(committed[0], abs=0.02)  # stands on the first
    assert refund[0] == pytest.approx(committed[0] + committed[1], abs=0.02)  # hangs from zero
    assert committed[1] == pytest.approx(3 * refund[1], rel=0.01)


@pytest.mark.parametrize("ends", [(19.8, 17.8, 17.8, 26.8), (0, 0, 0, 0), (9, 9.1, 9.2, 9.3, 100)])
def test_texts_at_the_ends_of_lines_never_stand_on_each_other(ends: tuple[float, ...]) -> None:
    drawn = charts.line_chart(
        [Series(f"M{n}", [(0, 0), (5, y)], 1, f"M{n} +{y} d") for n, y in enumerate(ends)],
        title="", description="", key="m", x_labels=[], y_text=str,
    )  # fmt: skip
    places = sorted(
        float(one.attrib["y"]) for one in parsed(drawn).iter(f"{SVG}text") if "end" in one.get("class", "")
    )
    assert len(places) == len(ends)
    assert min(b - a for a, b in pairwise(places)) >= LABEL_GAP - 0.02


def test_a_column_without_a_label_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the labels"):
        charts.columns(["Jan"], [Series("x", [(1, 2)])], title="", description="", key="k", y_text=str)


def test_the_heat_map_writes_each_count_and_links_only_where_risks_are() -> None:
    drawing = charts.heat_map(
        {(5, 5): 1, (3, 3): 6},
        title="Risks",
        description="Shade: likelihood times impact",
        key="heat",
        href=lambda likelihood, impact: f"/p/ATLAS/risks/?likelihood={likelihood}&impact={impact}",
    )
    links = [node.attrib["href"] for node in parsed(drawing).iter(f"{SVG}a")]
    assert links == ["/p/ATLAS/risks/?likelihood=5&impact=5", "/p/ATLAS/risks/?likelihood=3&impact=3"]
    assert parsed(drawing).attrib["role"] == "group"
    assert [charts.heat_band(5, 5), charts.heat_band(3, 3), charts.heat_band(1, 1)] == [5, 3, 1]
    with pytest.raises(ValueError):
        charts.heat_map({(6, 1): 1}, title="", description="", key="h")


def test_every_chart_says_in_words_what_it_shows() -> None:
    root = parsed(s_curve())
    named = root.attrib["aria-labelledby"].split()
    texts = {node.attrib["id"]: node.text for node in root if "id" in node.attrib}
    assert [texts[name] for name in named] == ["Earned value Actual", "To 20 Nov 2026"]


def test_a_chart_on_paper_carries_its_colours_and_one_on_screen_its_classes() -> None:
    on_screen, on_paper = parsed(s_curve()), parsed(s_curve(standalone=True))
    assert all("stroke" not in line.attrib for line in on_screen.iter(f"{SVG}polyline"))
    assert all("class" not in node.attrib for node in on_paper.iter())
    for line in on_paper.iter(f"{SVG}polyline"):
        assert line.attrib["stroke"].startswith("#")
        assert line.attrib["fill"] == "none"
    assert all(text.attrib["font-family"] == svg.FONT for text in on_paper.iter(f"{SVG}text"))


def test_the_colours_on_paper_are_those_of_the_light_theme() -> None:
    tokens = Path(__file__).parents[2].joinpath("static/css/tokens.css").read_text()
    light = dict(re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}),", tokens))
    expected = [light["accent"], light["red"], *(light[f"chart-{place}"] for place in range(3, 7))]
    assert [svg.STANDALONE[f"line s{place}"]["stroke"] for place in range(1, 7)] == expected
    assert [svg.STANDALONE[f"heat-{place}"]["fill"] for place in range(1, 6)] == [
        light[f"heat-{place}"] for place in range(1, 6)
    ]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//evil.example/", "https://evil.example/", "data:x", " /x"]
)
def test_only_addresses_of_this_site_become_links(address: str) -> None:
    assert svg.local_address(address) == ""


def test_an_address_with_a_query_is_a_link_and_escaped() -> None:
    assert svg.local_address('/p/A/?q="a"&b=1') == "/p/A/?q=&quot;a&quot;&amp;b=1"


@given(st.text())
def test_any_text_at_all_gives_a_drawing_that_can_be_read(text: str) -> None:
    drawing = svg.Drawing(10, 10)
    drawing.text(1, 1, text, anchor="end")
    assert parsed(drawing.finish(title=text, description=text, key=text)) is not None
