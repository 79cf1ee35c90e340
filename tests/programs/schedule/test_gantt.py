"""The drawn plan: a day is where it belongs, links go where they should, names stay names."""

import re
from datetime import date
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from programs.schedule import gantt, gantt_axis
from programs.schedule.gantt import GanttLink, GanttRow
from programs.schedule.gantt_axis import wall
from programs.schedule.gantt_links import route

SVG = "{http://www.w3.org/2000/svg}"
FIRST, LAST = date(2026, 9, 1), date(2027, 5, 31)


def days(count: float) -> int:
    """Wall minutes of a number of days after the chart's first day."""
    return wall(FIRST) + round(count * gantt_axis.MINUTES)


def row(key: str, start: float, finish: float, **more: object) -> GanttRow:
    return GanttRow(key, more.pop("label", key), more.pop("kind", "task"), days(start), days(finish), **more)  # type: ignore[arg-type]


def drawn(rows: list[GanttRow], links: list[GanttLink] | None = None, **more: object) -> Element:
    return fromstring(gantt.render(rows, links or [], first=FIRST, last=LAST, **more))  # type: ignore[arg-type]


def boxes(root: Element, css: str) -> list[tuple[float, float]]:
    return [
        (float(box.attrib["x"]), float(box.attrib["width"]))
        for box in root.iter(f"{SVG}rect")
        if box.attrib.get("class") == css
    ]


@pytest.mark.parametrize(
    ("zoom", "per_day"), [("day", 24), ("week", 8), ("month", 2.76), ("quarter", 1.2), ("year", 0.5)]
)
def test_a_day_is_as_wide_as_its_zoom_says(zoom: str, per_day: float) -> None:
    ((x, width),) = boxes(drawn([row("a", 30, 45)], zoom=zoom), "bar")
    assert x == pytest.approx(30 * per_day, abs=0.06)
    assert width == pytest.approx(15 * per_day, abs=0.06)


def test_a_bar_lies_in_its_row_beside_the_table() -> None:
    root = drawn([row("a", 0, 5), row("b", 5, 9), row("c", 9, 12)], row_height=30)
    tops = [float(box.attrib["y"]) for box in root.iter(f"{SVG}rect") if box.attrib["class"] == "bar"]
    assert tops == [8, 38, 68]
    assert root.attrib["height"] == "90"


def test_progress_and_baseline_are_drawn_to_scale() -> None:
    root = drawn([row("a", 10, 30, percent=40, baseline_start=days(8), baseline_finish=days(24))])
    ((bar_x, bar_width),) = boxes(root, "bar")
    ((done_x, done_width),) = boxes(root, "done")
    ((ghost_x, ghost_width),) = boxes(root, "ghost")
    assert done_x == bar_x
    assert done_width == pytest.approx(bar_width * 0.4, abs=0.1)
    assert ghost_x == pytest.approx(8 * 2.76, abs=0.06)
    assert ghost_width == pytest.approx(16 * 2.76, abs=0.06)


def test_a_bar_that_began_before_the_first_day_keeps_its_true_progress() -> None:
    root = drawn([row("a", -100, 100, percent=75)])
    ((done_x, done_width),) = boxes(root, "done")
    assert done_x + done_width == pytest.approx(50 * 2.76, abs=0.1)


def test_critical_work_is_marked_and_says_so_in_words() -> None:
    root = drawn([row("a", 0, 10, critical=True, float_text="0 d", href="/p/A/plan/a/"), row("b", 0, 10)])
    marked = [node for node in root.iter() if "critical" in node.attrib.get("class", "")]
    assert [node.attrib["data-key"] for node in marked] == ["a"]
    assert "critical" in "".join(marked[0].itertext())
    assert "float 0 d" in "".join(marked[0].itertext())


def test_work_that_ends_at_midnight_ended_on_the_day_before() -> None:
    words = "".join(drawn([row("a", 0, 1)]).itertext())
    assert "1 Sep 2026 to 1 Sep 2026" in words


def test_a_milestone_is_a_diamond_and_its_baseline_an_outlined_one() -> None:
    root = drawn([row("m", 20, 20, kind="milestone", baseline_start=days(12), baseline_finish=days(12))])
    shapes = {node.attrib.get("class"): node.attrib["d"] for node in root.iter(f"{SVG}path")}
    assert float(re.findall(r"M([\d.]+)", shapes["diamond"])[0]) == pytest.approx(20 * 2.76, abs=0.06)
    assert float(re.findall(r"M([\d.]+)", shapes["diamond-ghost"])[0]) == pytest.approx(12 * 2.76, abs=0.06)


def test_the_status_date_is_one_line_from_top_to_bottom_and_shades_the_past() -> None:
    root = drawn([row("a", 0, 5), row("b", 0, 5)], status_date=days(50))
    paths = {node.attrib.get("class"): node.attrib["d"] for node in root.iter(f"{SVG}path")}
    assert paths["today"] == "M138.0 0V60"
    assert paths["past"] == "M0 0H138.0V60H0z"


def test_names_from_an_imported_file_stay_names() -> None:
    hostile = """</text><script>alert("1")</script>'&"""
    root = drawn([row(hostile, 0, 9, label=hostile, href="javascript:alert(1)", float_text=hostile)])
    assert not [node for node in root.iter() if node.tag.endswith("script") or "href" in node.attrib]
    assert hostile in [node.text for node in root.iter(f"{SVG}text")]


def test_a_date_of_the_year_9999_and_one_of_1970_make_no_endless_drawing() -> None:
    rows = [GanttRow("a", "a", "task", 0, wall(date(9999, 12, 31))), GanttRow("b", "b", "summary", 0, 1)]
    root = fromstring(gantt.render(rows, [GanttLink("a", "b")], first=FIRST, last=LAST))
    numbers = [float(n) for node in root.iter() for n in re.findall(r"-?[\d.]+", node.attrib.get("d", ""))]
    assert max(abs(number) for number in numbers) < 5000
    ((x, width),) = boxes(root, "bar")
    assert x >= -40
    assert width <= float(root.attrib["width"]) + 80


def test_work_without_dates_leaves_its_row_empty_and_its_links_out() -> None:
    root = drawn([GanttRow("a", "a", "task", None, None), row("b", 0, 3)], [GanttLink("a", "b")])
    assert len(boxes(root, "bar")) == 1


def test_a_label_without_room_on_the_right_stands_on_the_left() -> None:
    root = drawn([row("a", 240, 268, label="A rather long name of an activity")])
    (text,) = root.iter(f"{SVG}text")
    assert text.attrib["text-anchor"] == "end"
    assert float(text.attrib["x"]) < 240 * 2.76


@pytest.mark.parametrize("kind", ["FS", "SS", "FF", "SF"])
@pytest.mark.parametrize("gap", [-200, -40, -3, 0, 3, 40, 200])
@pytest.mark.parametrize("down", [30, -30, 120])
def test_a_link_leaves_and_enters_the_ends_that_its_kind_names(kind: str, gap: float, down: float) -> None:
    source = (300.0, 400.0, 104.0)
    target = (400.0 + gap, 480.0 + gap, 104.0 + down)
    line, head = route(source, target, kind)  # type: ignore[arg-type]
    start = tuple(float(value) for value in re.match(r"M(-?[\d.]+) (-?[\d.]+)", line).groups())  # type: ignore[union-attr]
    tip = tuple(float(value) for value in re.match(r"M(-?[\d.]+) (-?[\d.]+)", head).groups())  # type: ignore[union-attr]
    assert start == (source[0] if kind[0] == "S" else source[1], source[2])
    if kind[1] == "F":
        assert tip == (target[1], target[2])
    elif tip != (target[0], target[2]):  # from above or below, when there is no room before the start
        assert target[0] <= tip[0] <= target[1] + 6
        assert abs(tip[1] - target[2]) == pytest.approx(6)


def test_a_link_to_a_row_outside_the_window_is_a_dot_at_the_end_that_is_here() -> None:
    root = drawn([row("a", 0, 10)], [GanttLink("a", "elsewhere"), GanttLink("elsewhere", "a", critical=True)])
    dots = {
        node.attrib["class"]: node.attrib["d"]
        for node in root.iter(f"{SVG}path")
        if "arrow" in node.attrib.get("class", "")
    }
    assert set(dots) == {"arrow", "arrow critical"}
    assert all(" 0 1 0 " in shape for shape in dots.values())


def test_the_header_names_the_months_and_the_year_where_it_changes() -> None:
    root = fromstring(gantt_axis.header(first=FIRST, last=LAST, status_date=days(50)))
    assert [node.text for node in root.iter(f"{SVG}text")] == [
        "Sep", "Oct", "Nov", "Dec", "Jan 27", "Feb", "Mar", "Apr", "May",
    ]  # fmt: skip
    assert root.attrib["width"] == str(gantt_axis.width(FIRST, LAST, "month"))


@pytest.mark.parametrize(
    ("zoom", "text"), [("day", "7 Sep"), ("week", "7 Sep"), ("quarter", "Oct"), ("year", "Q4 26")]
)
def test_each_zoom_has_marks_that_fit_it(zoom: str, text: str) -> None:
    root = fromstring(gantt_axis.header(first=FIRST, last=LAST, zoom=zoom))  # type: ignore[arg-type]
    assert text in [node.text for node in root.iter(f"{SVG}text")]


def test_a_chart_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        gantt.render([], [], first=LAST, last=FIRST)


def test_a_thousand_rows_are_drawn_whole() -> None:
    rows = [
        row(str(place), place % 200, place % 200 + 20, percent=50, critical=place % 3 == 0, float_text="4 d",
            baseline_start=days(place % 200), baseline_finish=days(place % 200 + 18), href=f"/p/A/plan/{place}/")
        for place in range(1000)
    ]  # fmt: skip
    links = [GanttLink(str(place), str(place + 1 + place % 7)) for place in range(990)]
    drawn = str(gantt.render(rows, links, first=FIRST, last=LAST, status_date=days(50)))
    assert drawn.count("/p/A/plan/") == 1000
