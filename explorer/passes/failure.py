"""Where a forward pass ended that raised."""

from __future__ import annotations

from explorer.run import Run


def failure(run: Run) -> tuple[int, str] | None:
    """The node of the operation that raised and so ended the run, and what it said; None where none did."""
    said = ((node, run.graph.attrs.get(node, {}).get("failed")) for node in run.graph.outputs)
    return next(((node, str(words)) for node, words in said if words), None)
