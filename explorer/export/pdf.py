"""A run as a PDF: the DOT text of it, laid out and drawn by Graphviz in this process."""

from __future__ import annotations

import pygraphviz

from explorer.errors import ExportError
from explorer.export.dot import to_dot
from explorer.export.shown import Coloured, Opened, seen_of
from explorer.layout.dot import ONE_AT_A_TIME
from explorer.run import Run

MOST_NODES, MOST_EDGES = 1_500, 4_000
"""Beyond these Graphviz takes minutes, and nothing can stop it."""


def to_pdf(run: Run, *, opened: Opened = None, overlay: Coloured = None) -> bytes:
    """The picture that Graphviz makes of ``to_dot``, whose arguments these are.

    Raises ExportError where it is too large for Graphviz, or where this build of it cannot write PDF.
    """
    seen = seen_of(run, opened)
    graph = run.graph if seen is None else seen.run.graph
    nodes, edges = len(graph), graph.edge_starts[-1]
    if nodes > MOST_NODES or edges > MOST_EDGES:
        raise ExportError(
            f"Graphviz draws at most {MOST_NODES:,} nodes and {MOST_EDGES:,} edges; here are {nodes:,} and {edges:,}. "
            "Close some groups, or export SVG."
        )
    text = to_dot(run, opened=opened, overlay=overlay)
    try:
        with ONE_AT_A_TIME:
            drawn = pygraphviz.AGraph(string=text).draw(format="pdf", prog="dot")
    except (OSError, ValueError) as error:
        raise ExportError(f"Graphviz could not make a PDF: {error}. Export SVG instead.") from error
    if not isinstance(drawn, bytes) or not drawn.startswith(b"%PDF"):
        raise ExportError("This build of Graphviz cannot write PDF. Export SVG instead.")
    return drawn
