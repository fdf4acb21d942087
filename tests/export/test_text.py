from __future__ import annotations

import re

import explorer
from explorer.export import to_steps, to_table
from tests.export.graphs import LAYER, every, two_paths

RUNS = every()


def cells(line: str) -> list[str]:
    return re.split(r"\s{2,}", line.strip())


def test_the_table_has_a_row_for_each_node() -> None:
    rows = to_table(two_paths()).splitlines()
    assert cells(rows[0]) == ["id", "op", "inputs", "value", "gradient", "line"]
    assert [cells(row) for row in rows[1:7]] == [
        ["a", "input", "2", "2", "1"],
        ["b", "input", "1", "5", "2"],
        ["c", "add", "a, b", "3", "2", "3"],
        ["constant", "constant", "1", "no gradient", "4"],
        ["d", "add", "b, constant", "2", "3", "4"],
        ["e", "mul", "c, d", "6", "1", "5"],
    ]


def test_columns_end_together() -> None:
    rows = to_table(two_paths()).splitlines()[:7]
    assert len({len(row) for row in rows}) == 1


def test_steps_say_upstream_times_local_and_the_sum() -> None:
    rows = [cells(row) for row in to_steps(two_paths()).splitlines()]
    assert ["3", "forward", "c", "add(a, b) = 3"] in rows
    assert ["7", "backward", "e", "upstream gradient 1"] in rows
    assert ["8", "backward", "d", "b", "3 × 1 = 3", "3"] in rows
    assert ["9", "backward", "c", "b", "2 × 1 = 2", "3 + 2 = 5"] in rows
    assert sum(row[1:2] == ["backward"] for row in rows) == 6


def test_tensors_are_written_out_or_summed_up() -> None:
    table = to_table(explorer.trace(LAYER))
    assert "[1, 2, 3]" in table and re.search(r"\[2, 3\] norm \d", table)


def test_what_is_special_is_said_below() -> None:
    assert "arose at y" in to_table(RUNS["broken"])
    assert "[3]; its upstream gradient is all ones" in to_table(RUNS["vector output"])
    assert "no gradient" in to_table(RUNS["nothing to differentiate"])
    assert "not computed" not in to_table(RUNS["nothing to differentiate"])
