"""What the canvas is measured on, and what the other viewers are given of it: the same nodes at the same places."""

from __future__ import annotations

import base64
from math import isqrt
from typing import Any

from explorer.canvas.wire import encode
from explorer.capture.expression import Program
from explorer.capture.limits import Limits
from explorer.export.placing import place
from explorer.run import Run

REACH = 2
"""An operation takes its operands from places so near to its own in the row before."""


def fabric(nodes: int) -> Run:
    """Rows of additions, as many as there are in a row, each of two neighbours of the row before: about ``nodes``."""
    side = isqrt(nodes)
    names = [[f"v{row}_{at}" for at in range(side)] for row in range(side)]
    lines = [f"{name} = 1" for name in names[0]]
    for row in range(1, side):
        for at, name in enumerate(names[row]):
            other = (at + 1 + (row + at) % REACH) % side if at + REACH < side else at - 1
            lines.append(f"{name} = {names[row - 1][at]} + {names[row - 1][other]}")
    return Program("\n".join(lines), Limits(characters=1_000_000)).run({}, {})


def drawn(run: Run) -> tuple[str, dict[str, Any]]:
    """The blob for the canvas in base 64, and for others the nodes' ids, middles and sizes, and pairs of edges."""
    boxes, placement = place(run.graph, None, "tb", compact=True)
    blob = encode(run, placement, boxes, rev=1, title="benchmark")
    middles = [
        [id_, float(x) + box.width / 2, float(y) + box.height / 2, box.width, box.height]
        for id_, x, y, box in zip(run.graph.ids, placement.x, placement.y, boxes, strict=True)
    ]
    return base64.b64encode(blob).decode(), {
        "nodes": middles,
        "edges": [[source, target] for target, ports in enumerate(run.graph.inputs) for source in ports],
        "order": list(range(len(run.graph))),
    }
