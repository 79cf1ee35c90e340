"""The published test sets: feasible, never below what is proved, and as good as the anchors of the design."""

from __future__ import annotations

import pytest

from benchmarks.psplib import multi_project, psplib, sample
from programs.engine.levelling import check, level, validate
from tests.shared import shared


@pytest.mark.proof
@pytest.mark.parametrize(("name", "anchor"), [("j30", 0.030), ("j60", 0.032), ("j120", 0.084)])
def test_at_once_the_sample_is_feasible_and_as_near_to_the_best_known_as_our_anchor(
    name: str, anchor: float
) -> None:
    folder = shared("psplib")
    gaps = []
    for instance in sample(name, folder):
        assert validate(instance.problem) == []
        result = level(instance.problem)
        assert check(instance.problem, result.start, result.finish) == [], instance.name
        if instance.closed:
            assert result.bound <= instance.known <= result.value, instance.name
        gaps.append(result.value / instance.known - 1)
    assert len(gaps) == 20
    assert sum(gaps) / len(gaps) < anchor


@pytest.mark.proof
def test_three_thousand_schedules_bring_the_small_ones_within_three_thousandths() -> None:
    gaps = []
    for instance in sample("j30", shared("psplib"))[::2]:
        result = level(instance.problem, optimise=1e9, schedules=3000)
        assert check(instance.problem, result.start, result.finish) == [], instance.name
        assert result.bound <= instance.known <= result.value, instance.name
        gaps.append(result.value / instance.known - 1)
    assert sum(gaps) / len(gaps) < 0.003


@pytest.mark.proof
def test_no_bound_lies_above_what_is_known_to_be_possible() -> None:
    for name in ("j30", "j60"):
        for instance in list(psplib(name, shared("psplib")))[::16]:
            result = level(instance.problem, optimise=0.0)
            assert result.bound <= instance.known <= result.value or not instance.closed, instance.name
            assert result.bound <= instance.known, instance.name


@pytest.mark.proof
def test_many_projects_that_share_resources_are_feasible_at_once() -> None:
    shared("psplib")
    for at, instance in enumerate(multi_project()):
        if at % 8:
            continue
        result = level(instance.problem)
        assert check(instance.problem, result.start, result.finish) == [], instance.name
        assert result.bound <= instance.known, instance.name
