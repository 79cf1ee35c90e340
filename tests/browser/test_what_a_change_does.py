"""A change of the plan in three browsers: planned on a copy, decided by the sponsor, applied with a new baseline."""

from __future__ import annotations

import re

from governance.example.people import PASSWORD
from tests.browser.conftest import Enter
from tests.browser.test_deciding import put_to_vote, votes
from tests.browser.test_planning import words

TITLE = "Longer floor-walking"


def test_a_change_is_planned_on_a_copy_decided_and_applied(enter: Enter) -> None:
    asker = enter("train", "/p/ATLAS/changes/add/")
    asker.get_by_label("Project").select_option(label="TRAIN Capability and training")
    asker.get_by_label("Title").fill(TITLE)
    asker.get_by_label("Why").fill("Two new departments go live as well.")
    asker.get_by_role("button", name="Save").click()
    asker.wait_for_url(re.compile(r"/changes/\d+/$"))
    request_url = asker.url
    asker.get_by_label("Activity", exact=True).fill("T440")
    asker.get_by_role("button", name="Change it").click()
    asker.get_by_label("Duration").fill("13")
    asker.get_by_role("button", name="Propose and compute").click()
    asker.wait_for_url(request_url)
    assert "duration 10 d" in words(asker, "#edits-table")
    assert "duration 13 d" in words(asker, "#edits-table")
    assert "Program finish" in words(asker, "main")
    assert asker.locator(".gantt").count() == 2
    asker.get_by_role("button", name="Submit for decision").click()
    asker.wait_for_selector("text=Submitted")

    manager = enter("manager")
    decision_url = put_to_vote(manager, TITLE, "Three more days of floor-walking?")
    assert "Executive sponsor" in words(manager)  # within the slip that the sponsor decides alone
    sponsor = enter("sponsor", decision_url)
    votes(sponsor)
    manager.goto(decision_url)
    if manager.get_by_role("button", name=re.compile("Close and record: approved")).count():
        if manager.get_by_label("Your password").count():  # the sign-in is older than ten minutes by now
            manager.get_by_label("Your password").first.fill(PASSWORD)
        manager.get_by_role("button", name=re.compile("Close and record: approved")).click()
    manager.wait_for_selector("text=sealed as record")

    asker.goto(request_url)
    assert "Approved and applied" in words(asker, ".freshness")
    asker.goto("/p/ATLAS/baselines/")
    assert "approved by D-" in words(asker, "main")
