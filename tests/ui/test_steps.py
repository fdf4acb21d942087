"""The table of steps counts as the canvas does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.canvas.wire import decode
from explorer.ui.document import Mode, from_example
from explorer.ui.examples import Example, examples
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
