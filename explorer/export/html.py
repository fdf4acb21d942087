"""What a run shows in a notebook: the picture, and a table of its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.export.svg import text, to_svg
from explorer.export.text import figure
from explorer.run import Run

MOST_CARDS, MOST_ROWS = 200, 200
"""Above so many nodes a notebook gets no picture, and a table cut to so many rows."""

_CELL = 'style="text-align:right;font-variant-numeric:tabular-nums"'


def to_html(run: Run) -> str:
    """A fragment of HTML without script and style sheet; all text in it is escaped."""
    picture = f'<div style="overflow:auto">{to_svg(run)}</div>' if len(run.graph) <= MOST_CARDS else ""
    return f"<div>{picture}{''.join(_table(run))}</div>"


def _table(run: Run) -> Iterator[str]:
    yield f"<details><summary>{len(run.graph)} nodes, gradients of {text(run.output)}</summary><table><thead><tr>"
    yield from (f"<th>{word}</th>" for word in ("id", "op", "inputs", "value", "gradient"))
    yield "</tr></thead><tbody>"
    for index in range(min(len(run.graph), MOST_ROWS)):
        node = run.graph.node(index)
        value, grad = figure(run.values[index], "not computed"), figure(run.grads[index], "no gradient")
        yield f"<tr><td>{text(node.id)}</td><td>{text(node.op)}</td><td>{text(', '.join(node.inputs))}</td>"
        yield f"<td {_CELL}>{text(value)}</td><td {_CELL}>{text(grad)}</td></tr>"
    yield "</tbody></table>"
    if len(run.graph) > MOST_ROWS:
        yield f"<p>The first {MOST_ROWS} of {len(run.graph)} nodes.</p>"
    yield "</details>"
