"""The canvas on a Streamlit page: a component that is mounted once, under one key, and fed with blobs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer
from streamlit.errors import StreamlitAPIException

from explorer.errors import CanvasError

NAME = "explorer.canvas"
"""``<distribution>.<component>`` as pyproject.toml declares it; Streamlit finds the assets by it."""

Event = dict[str, Any]
"""``name`` ("edit", "select", "orient"), ``serial`` (counts up), ``rev`` of the trace it was made on, and more."""


def canvas(
    blob: bytes, *, key: str, height: int | Literal["stretch"] = "stretch", on_event: Callable[[Event], None]
) -> None:
    """Show the trace that ``explorer.canvas.wire.encode`` made. Mount it in every run, at the same place.

    ``on_event`` is called before the script runs, once per gesture that Python must answer:
    ``{"name": "edit", "id", "value", "final"}``, ``{"name": "select", "id"}`` (``id`` "" for none) and
    ``{"name": "orient", "direction"}``. Stepping, zooming and panning stay in the browser.

    Raises CanvasError where Streamlit did not find the component.
    """

    def told() -> None:
        event = st.session_state[key].event
        if event is not None:
            on_event(event)

    _renderer()(key=key, data=blob, width="stretch", height=height, on_event_change=told)


@cache
def _renderer() -> ComponentRenderer:
    try:
        return st.components.v2.component(NAME, js="main.js", css="style.css")
    except StreamlitAPIException as error:
        raise CanvasError(
            f"Streamlit did not find the component {NAME!r} ({error}). It looks for it in the pyproject.toml that "
            "is installed with this package: install the package (`pip install -e .`) and start the app again. "
            "One broken pyproject.toml in any other installed package stops Streamlit's search for all of them; "
            "its log names the package."
        ) from error
