"""The layered drawing: every link goes from left to right, nothing lies on anything else, and crossings are few."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.engine import CycleFound
from programs.engine.layered import Layout, layout


def test_a_chain_is_one_row_and_a_diamond_two() -> None:
    chain = layout(3, [0, 1], [1, 2])
    assert chain.layer == [0, 1, 2]
    assert chain.height == [0, 0, 0]
    diamond = layout(4, [0, 0, 1, 2], [1, 2, 3, 3])
    assert diamond.layer == [0, 1, 1, 2]
    assert abs(diamond.height[1] - diamond.height[2]) >= 1
    assert diamond.height[0] == diamond.height[3]


def test_a_link_past_a_layer_goes_around_its_boxes() -> None:
    found = layout(3, [0, 1, 0], [1, 2, 2])
    ((layer, height),) = found.routes[2]
    assert layer == 1
    assert abs(height - found.height[1]) >= 1
    assert found.routes[0] == found.routes[1] == []


def test_what_waits_for_nothing_stands_just_before_what_waits_for_it() -> None:
    assert layout(4, [0, 1, 3], [1, 2, 2]).layer == [0, 1, 2, 1]


def test_two_links_drawn_crossed_are_uncrossed() -> None:
    assert layout(4, [0, 1], [3, 2]).crossings == 0


def test_a_drawing_that_must_cross_does_so_no_more_than_it_must() -> None:
    # Two layers with all links between them: n(n-1)/2 times m(m-1)/2 crossings, in whatever order.
    assert layout(5, [0, 0, 0, 1, 1, 1], [2, 3, 4, 2, 3, 4]).crossings == 3
    assert layout(4, [0, 0, 1, 1], [2, 3, 2, 3]).crossings == 1


def test_a_circle_is_told() -> None:
    with pytest.raises(CycleFound):
        layout(2, [0, 1], [1, 0])


def test_nothing_and_one_thing_can_be_drawn() -> None:
    assert (layout(0, [], []).columns, layout(0, [], []).rows) == (0, 0)
    assert (layout(1, [], []).columns, layout(1, [], []).rows) == (1, 1)


NETWORKS = st.integers(2, 14).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda pair: pair[0] != pair[1]),
            max_size=26,
        ),
    )
)


@settings(max_examples=120, deadline=None)
@given(NETWORKS)
def test_every_drawing_keeps_the_rules(network: tuple[int, list[tuple[int, int]]]) -> None:
    count, pairs = network
    before, after = [min(pair) for pair in pairs], [max(pair) for pair in pairs]
    found = layout(count, before, after)
    places = [(column, height) for column, height in zip(found.layer, found.height, strict=True)]
    seen: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for a, b, route in zip(before, after, found.routes, strict=True):
        assert [column for column, _ in route] == list(range(found.layer[a] + 1, found.layer[b]))
        assert seen.setdefault((a, b), route) == route
    places += [point for route in seen.values() for point in route]
    for (column, height), (other, level) in combinations(places, 2):
        assert column != other or abs(height - level) >= 1 - 1e-9
    assert min(height for _, height in places) == pytest.approx(0)
    assert found == layout(count, before, after)
    assert found.crossings <= _plain(found, before, after)


def _plain(found: Layout, before: list[int], after: list[int]) -> int:
    """No more crossings than all pairs of links there are."""
    links = len(set(zip(before, after, strict=True))) + sum(map(len, found.routes))
    return links * (links - 1) // 2
