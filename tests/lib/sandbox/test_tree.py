"""Bars fall apart into bars that add up to them."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lib.sandbox.tree import Node, share_out, split, trades

DRAW = st.integers(0, 4095)


@st.composite
def nodes(draw: st.DrawFn) -> Node:
    low = draw(st.integers(1, 10**7))
    high = low + draw(st.integers(0, 10**6))
    inside = st.integers(low, high)
    volume = draw(st.integers(1_300_000, 10**13))
    middle = draw(st.integers(volume * low, volume * high))
    return Node(draw(inside), high, low, draw(inside), volume, middle)


@given(node=nodes(), count=st.integers(2, 7), data=st.data())
def test_children_add_up_to_their_node_exactly(node: Node, count: int, data: st.DataObject) -> None:
    own = data.draw(st.lists(DRAW, min_size=5 * count, max_size=5 * count))
    common = data.draw(st.lists(DRAW, min_size=count, max_size=count))

    children = split(node, 86_400, own, common, (1.0,) * count)

    assert children[0].open == node.open
    assert children[-1].close == node.close
    assert max(child.high for child in children) == node.high
    assert min(child.low for child in children) == node.low
    assert sum(child.volume for child in children) == node.volume
    assert sum(child.quote for child in children) == node.quote
    for before, after in itertools.pairwise(children):
        assert before.close == after.open
    for child in children:
        assert child.low <= min(child.open, child.close)
        assert max(child.open, child.close) <= child.high
        assert child.volume >= 86_400


@given(node=nodes(), draws=st.lists(DRAW, min_size=120, max_size=120))
def test_a_minutes_trades_are_what_its_bar_says(node: Node, draws: list[int]) -> None:
    made = trades(node, 60, draws)

    prices = [tick.price for tick in made]
    assert [tick.second for tick in made] == list(range(60, 120))
    assert (prices[0], prices[-1]) == (node.open, node.close)
    assert (max(prices), min(prices)) == (node.high, node.low)
    assert sum(tick.amount for tick in made) == node.volume
    assert all(tick.amount >= 1 for tick in made)


@given(
    total=st.integers(100, 10**15),
    weights=st.lists(st.floats(0.001, 1000), min_size=1, max_size=60),
)
def test_parts_add_up_to_the_whole(total: int, weights: list[float]) -> None:
    parts = share_out(total, weights, floor=1)

    assert sum(parts) == total
    assert min(parts) >= 1
