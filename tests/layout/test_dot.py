"""dot answers the same whoever asks, and when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from explorer.layout import dot
from tests.layout.graphs import graph
from tests.layout.levels import grid, level

GRAPHS = [graph([[], [], *([node, node // 2] for node in range(1, count))]) for count in range(3, 23)]


def _ask(number: int) -> tuple[list[int], list[list[int]]]:
    return dot.ranks(level(GRAPHS[number])), dot.order(grid(GRAPHS[number]))


def test_many_threads_at_once_get_the_same_answers() -> None:
    alone = [_ask(number) for number in range(len(GRAPHS))]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(_ask, range(len(GRAPHS)))) == alone


def test_a_shared_wire_is_asked_about_once() -> None:
    #  0 feeds 1, and over one wire past the others 3 once and 4 twice: three stretches are shared
    text = dot.text(grid(graph([[], [0], [1], [2, 0], [3, 0, 0]])))
    edges = [part for part in text.split(";") if "->" in part]
    assert len(edges) == len(set(edges)) == 10
    assert "{{<p0>|<p1>|<p2>}}" in text
