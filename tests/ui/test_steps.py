"""The table of steps counts as the canvas does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from explorer import run as runs
from explorer.canvas.wire import decode
from explorer.graph import Graph
from explorer.run import Number, local_derivative
from explorer.ui.document import Document, Mode, from_example
from explorer.ui.examples import Example, examples
from explorer.ui.model import fresh
from explorer.ui.steps import rows
from explorer.ui.view import look


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("example", examples(), ids=lambda example: example.slug)
def test_a_row_is_a_place_of_the_scrubber(example: Example, mode: Mode) -> None:
    view = look(replace(from_example(example), mode=mode), 1, "lr")
    moments, ids = decode(view.blob)["moments"], decode(view.blob)["nodes"]["id"]
    table = list(rows(view))
    assert [row[0] for row in table] == [str(place + 1) for place in range(moments["count"])]
    seeds_and_values = np.flatnonzero(np.asarray(moments["edge"]) < 0)
    nodes = [ids[moments["node"][place]] for place in seeds_and_values]
    assert [table[place][2] for place in seeds_and_values] == nodes


def test_the_table_of_a_model_works_out_no_jacobian(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take seconds at every click, and shows none of them."""
    asked: list[tuple[int, ...]] = []

    def noted(graph: Graph, values: Sequence[Number | None], target: int, port: int) -> Number | None:
        asked.append(tuple(graph.shapes[graph.inputs[target][port]]))
        return local_derivative(graph, values, target, port)

    view = look(Document("", model=fresh("gpt")), 1, "lr")
    monkeypatch.setattr(runs, "local_derivative", noted)
    table = list(rows(view))
    assert len(table) > 200 and not any(asked)
