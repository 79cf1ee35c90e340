"""The colours that carry text or meaning are told apart by everybody: WCAG 2.2 AA, both themes."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
PAIR = re.compile(r"--([a-z0-9-]+): light-dark\(\s*(#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\s*\)")
SINGLE = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6});")

TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "muted") for ground in ("ground", "card", "sunk", "hover")),
    *((ink, "grey-soft") for ink in ("ink", "ink-2", "muted")),
    *((state, f"{state}-soft") for state in ("green", "amber", "red")),
    *(
        (state, ground)
        for state in ("green", "amber", "red")
        for ground in ("card", "ground", "hover", "sunk")
    ),
    ("accent-text", "accent-soft"),
    ("accent-text", "card"),
    ("accent", "card"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-count", "count"),
    ("ink", "accent-soft"),
    ("ink", "past"),
    *(("ink", f"heat-{band}") for band in range(1, 6)),
]
SHAPES = [  # outlines and drawn shapes that must be seen: three to one
    ("focus", "card"),
    ("focus", "ground"),
    ("line-strong", "card"),
    ("line-strong", "ground"),
    ("bar-done", "card"),
    ("bar-critical", "card"),
    ("bar-critical-done", "card"),
    ("link-line", "card"),
    ("summary", "card"),
    *((f"chart-{place}", "card") for place in range(3, 7)),
]


def tokens(theme: int) -> dict[str, str]:
    text = (CSS / "tokens.css").read_text()
    found = {name: (light, dark)[theme] for name, light, dark in PAIR.findall(text)}
    return found | dict(SINGLE.findall(text))


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG 2.2, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_ratio_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink: str, ground: str, theme: int) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_can_be_seen(shape: str, ground: str, theme: int) -> None:
    colours = tokens(theme)
    assert contrast(colours[shape], colours[ground]) >= 3


def test_every_colour_stands_among_the_tokens_and_every_token_that_is_used_exists() -> None:
    defined = set(re.findall(r"(--[a-z0-9-]+):", (CSS / "tokens.css").read_text()))
    for sheet in CSS.glob("*.css"):
        text = sheet.read_text()
        assert set(re.findall(r"var\((--[a-z0-9-]+)", text)) <= defined, sheet.name
        if sheet.name not in ("tokens.css", "print.css"):
            literal = re.findall(r":[^;{}]*?(#[0-9a-fA-F]{3,8})\b[^;{}]*;", text)
            assert [colour for colour in literal if colour != "#fff"] == [], sheet.name
