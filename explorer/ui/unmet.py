"""What was asked for and cannot be shown, in words."""

from __future__ import annotations

from explorer.ui.document import Document
from explorer.ui.view import View

LONGEST_NAME = 30


def unmet(asked: Document, view: View) -> str:
    """What was asked of the program and is not shown, because it does not exist or fit; "" where all is."""
    shown = view.document
    if asked.output != shown.output:
        return f"There is no node {_cut(asked.output)}: the output is {view.run.output}."
    if asked.upstream is not None and shown.upstream is None:
        return f"The upstream gradient does not fit {view.run.output}: it is ones."
    if asked.wrt != shown.wrt:
        instead = "" if view.tangents is None else f": {view.tangents.wrt} moves"
        return f"There is no input {_cut(asked.wrt)}{instead}."
    return ""


def _cut(name: str | None) -> str:
    return str(name) if len(str(name)) <= LONGEST_NAME else f"{str(name)[:LONGEST_NAME]}…"
