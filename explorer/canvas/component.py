"""The canvas on a Streamlit page: a component that is mounted once, under one key, and fed with blobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer
from streamlit.errors import StreamlitAPIException

from explorer.errors import CanvasError

NAME = "explorer.canvas"
"""``<distribution>.<component>`` as pyproject.toml declares it; Streamlit finds the assets by it."""

INLINE = Path(__file__).parent / "frontend" / "inline.js"

Event = dict[str, Any]
"""``name``, ``serial`` (counts up), ``rev`` of the trace it was made on, and more: see ``canvas``."""


def canvas(
    blob: bytes,
    *,
    key: str,
    height: int | Literal["stretch"] = "stretch",
    on_event: Callable[[Event], None],
    after: Callable[[Sequence[Event]], None] = lambda _events: None,
) -> None:
    """Show the trace that ``explorer.canvas.wire.encode`` made. Mount it in every run, at the same place.

    ``on_event`` is called before the script runs, once per gesture that Python must answer:
    ``{"name": "edit", "id", "value", "final"}``, ``{"name": "select", "id"}`` (a node or a group, "" for none),
    ``{"name": "toggle", "key"}`` (open or close a group), ``{"name": "depth", "n"}`` (open all groups down to a depth),
    ``{"name": "reveal", "id"}`` (open the groups around a node or a group), ``{"name": "orient", "direction"}``,
    ``{"name": "address"}`` (Back or Forward of the browser), ``{"name": "undo"}`` and ``{"name": "redo"}``, and
    ``{"name": "whole"}``: what came is an ``amendment`` of a trace that it does not have.
    Stepping, zooming and panning stay in the browser. ``after`` is called with those that were answered together, and
    may say what of the page runs again.

    Raises CanvasError where Streamlit did not find the component.
    """

    last = f"{key} last event"

    def told() -> None:
        events = unheard(st.session_state[key].event or [], st.session_state.get(last, 0))
        for event in events:
            st.session_state[last] = event["serial"]
            on_event(event)
        after(events)

    _renderer()(key=key, data=blob, width="stretch", height=height, on_event_change=told)


def unheard(events: Sequence[Event], last: int) -> list[Event]:
    """Those after the serial ``last``, but of several edits of one input in a row the latest alone.

    Streamlit takes gestures that follow each other quickly together, and hands on the last of them only, as often as
    there were some; that is why the browser sends those before it along with each.
    """
    new = [event for event in events if event["serial"] > last]
    return [event for event, after in zip_longest(new, new[1:]) if not (after and _replaces(after, event))]


def _replaces(after: Event, event: Event) -> bool:
    return bool(after["name"] == event["name"] == "edit" and after["id"] == event["id"])


@cache
def _renderer() -> ComponentRenderer:
    try:
        return st.components.v2.component(NAME, js=INLINE.read_text(encoding="utf-8"), css="style.css")
    except StreamlitAPIException as error:
        raise CanvasError(
            f"Streamlit did not find the component {NAME!r} ({error}). It looks for it in the pyproject.toml that "
            "is installed with this package: install the package (`pip install -e .`) and start the app again. "
            "One broken pyproject.toml in any other installed package stops Streamlit's search for all of them; "
            "its log names the package."
        ) from error
