#!/usr/bin/env python3
"""Takes the pictures of docs/pictures.md: pages of the example program, as a person sees them who uses them.

`tools/pictures.py http://127.0.0.1:8000` looks at an office that `manage.py up` serves there, in Chromium: each
page at 1440x900 in the light theme and at 390x844 in the dark one, and those marked with the other two as well. A page
that answers with an error, scrolls sideways, or writes an error to the console ends the command with exit code 1.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "docs" / "images"
PASSWORD = "program-office-demo"  # noqa: S105 - of the example, and in the README
WIDE, NARROW = (1440, 900), (390, 844)


@dataclass(frozen=True)
class Picture:
    """A page of the example: its file's name, who looks, the address, and what to open there first."""

    name: str
    who: str
    address: str
    follow: str = (
        ""  # a link on the page whose address begins so: where a page's number is not known beforehand
    )
    everywhere: bool = False  # both sizes in both themes


PICTURES = [
    Picture("dashboard", "manager", "/p/ATLAS/", everywhere=True),
    Picture("plan", "manager", "/p/ATLAS/plan/", everywhere=True),
    Picture("network", "manager", "/p/ATLAS/plan/network/"),
    Picture("workload", "manager", "/p/ATLAS/plan/workload/"),
    Picture("progress", "manager", "/p/ATLAS/status/progress/"),
    Picture("import", "manager", "/p/ATLAS/import/"),
    Picture("budget", "controller", "/p/ATLAS/budget/", everywhere=True),
    Picture(
        "capital-request", "controller", "/p/ATLAS/capital-requests/", "/p/ATLAS/capital-requests/2", True
    ),
    Picture("spend", "controller", "/p/ATLAS/spend/", everywhere=True),
    Picture("earned-value", "controller", "/p/ATLAS/earned-value/", everywhere=True),
    Picture("decision", "member", "/p/ATLAS/decisions/", "/p/ATLAS/decisions/1"),
]


def sign_in(browser: Browser, site: str, who: str, size: tuple[int, int], theme: str) -> Page:
    """A window of this size in which this person is signed in; `theme` is light or dark."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{site}/accounts/login/")
    page.fill("input[name=login]", f"{who}@atlas.example")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    return page


def take(page: Page, site: str, picture: Picture, suffix: str) -> list[str]:
    """Take one picture; what is wrong with the page, in sentences."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    answer = page.goto(site + picture.address)
    if picture.follow:
        target = page.locator(f'main a[href^="{picture.follow}"]').first.get_attribute("href")
        answer = page.goto(f"{site}{target}")
    page.wait_for_load_state("networkidle")
    if answer is None or answer.status != 200:
        wrong.append(f"answered {answer and answer.status}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append("scrolls sideways")
    page.screenshot(path=PLACE / f"{picture.name}{suffix}.png")
    return [f"{picture.name}{suffix}: {one}" for one in wrong]


def main() -> int:
    """Take every picture, and print what was found wrong."""
    asked = argparse.ArgumentParser(description="Take the pictures of docs/pictures.md.")
    asked.add_argument(
        "site", help="where `manage.py up` serves the example, for instance http://127.0.0.1:8000"
    )
    site = asked.parse_args().site.rstrip("/")
    PLACE.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for size, theme, suffix in (
            (WIDE, "light", ""),
            (NARROW, "dark", "-phone-dark"),
            (WIDE, "dark", "-dark"),
            (NARROW, "light", "-phone"),
        ):
            pages: dict[str, Page] = {}
            for picture in PICTURES:
                if suffix in ("-dark", "-phone") and not picture.everywhere:
                    continue
                if picture.who not in pages:
                    pages[picture.who] = sign_in(browser, site, picture.who, size, theme)
                wrong += take(pages[picture.who], site, picture, suffix)
        browser.close()
    print(*(wrong or ["every page as it should be"]), sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
