"""Heights agree with plain addition."""

from hypothesis import given
from hypothesis import strategies as st

from morpheus_desktop.chat.heights import Heights

_SIZES = st.lists(st.integers(0, 900), min_size=1, max_size=80)


@given(_SIZES, st.lists(st.tuples(st.integers(0, 999), st.integers(0, 900)), max_size=30))
def test_positions(sizes: list[int], changes: list[tuple[int, int]]) -> None:
    heights = Heights(sizes)
    for where, size in changes:
        index = where % len(sizes)
        assert heights.set(index, size) == size - sizes[index]
        sizes[index] = size
    assert len(heights) == len(sizes)
    assert [heights[i] for i in range(len(sizes))] == sizes
    assert [heights.top(i) for i in range(len(sizes) + 1)] == [
        sum(sizes[:i]) for i in range(len(sizes) + 1)
    ]
    assert heights.total == sum(sizes)


@given(_SIZES, st.integers(-10, 90_000))
def test_what_stands_at(sizes: list[int], y: int) -> None:
    heights = Heights(sizes)
    index = heights.at(y)
    assert 0 <= index < len(sizes)
    if 0 <= y < heights.total:
        assert heights.top(index) <= y < heights.top(index) + sizes[index]


@given(_SIZES, st.data())
def test_truncate_and_grow(sizes: list[int], data: st.DataObject) -> None:
    heights = Heights(sizes)
    length = data.draw(st.integers(0, len(sizes)))
    heights.truncate(length)
    heights.append(7)
    assert heights.total == sum(sizes[:length]) + 7
    assert heights.top(length) == sum(sizes[:length])


def test_an_empty_column() -> None:
    assert (Heights().total, Heights().at(5)) == (0, 0)
