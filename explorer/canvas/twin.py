"""What links the autograd graph on a page with the forward graph: a section of the autograd graph's trace."""

from __future__ import annotations

from typing import NamedTuple

from explorer.canvas.wire import Section
from explorer.capture.autograd import ACCUMULATE, Autograd
from explorer.graph import Graph
from explorer.ops.explain import explain
from explorer.passes.condense import Condensed

ROLES = ("input", "parameter")
"""What leaves are that ask for a gradient."""


class Linked(NamedTuple):
    """A node of the autograd graph: the ``id`` of the forward node, or of a closed group the key, that it belongs to;
    the ``mark`` on its tile, the ``role`` of a leaf, and the ``note`` under its name. Each is "" where there is none.
    """

    id: str = ""
    mark: str = ""
    role: str = ""
    note: str = ""


def section(found: Autograd, forward: Graph, seen: Condensed | None) -> Section:
    """A row per node that is seen, as lists by what is in them."""
    shows = range(len(found.belongs)) if seen is None else seen.shows
    closed = {} if seen is None else seen.group_of
    rows = [
        Linked(closed[place]) if place in closed else _linked(found, forward, node) for place, node in enumerate(shows)
    ]
    return Section({f"{name}s": [getattr(row, name) for row in rows] for name in Linked._fields}, {})


def _linked(found: Autograd, forward: Graph, place: int) -> Linked:
    node = found.belongs[place]
    if node < 0:
        return Linked()
    id_, op = forward.ids[node], forward.ops[node]
    if found.run.graph.ops[place] == ACCUMULATE:
        return Linked(id_, role=op if op in ROLES else "", note=ACCUMULATE)
    return Linked(id_, mark=explain(forward, node).symbol, note=f"of {forward.symbol(node) or id_}")
