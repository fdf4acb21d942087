"""The run to take away: made when the button is pressed, not before."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import streamlit as st

from explorer.errors import ExportError
from explorer.export import to_dot, to_json_text, to_physics, to_png, to_svg
from explorer.export.theme import ThemeName
from explorer.layout import Direction
from explorer.run import Run
from explorer.ui.html import tag
from explorer.ui.link import to_query
from explorer.ui.session import Session
from explorer.ui.style import theme_name


class Format(NamedTuple):
    """A kind of file: its ending, media type, what it is good for, and how it is made.

    Pictures are of what the canvas shows, with closed groups as one; what is ``whole`` has every operation.
    """

    ending: str
    mime: str
    purpose: str
    make: Callable[[Run, Direction, ThemeName], str | bytes]
    whole: bool = False


def _png(run: Run, way: Direction, look: ThemeName) -> bytes:
    """As sharp as the size of the drawing allows."""
    for scale in (2, 1, 0.5, 0.25):
        with suppress(ExportError):
            return to_png(run, scale=scale, direction=way, theme=look)
    return to_png(run, scale=0.1, direction=way, theme=look)


FORMATS = (
    Format("svg", "image/svg+xml", "for print", lambda run, way, look: to_svg(run, direction=way, theme=look)),
    Format("png", "image/png", "for anywhere", _png),
    Format("dot", "text/vnd.graphviz", "for Graphviz", lambda run, way, look: to_dot(run)),
    Format("html", "text/html", "moved by springs", lambda run, way, look: to_physics(run, theme=look)),
    Format("json", "application/json", "every number and step", lambda run, way, look: to_json_text(run), True),
)


def draw(session: Session) -> None:
    """One button a format."""
    link = "The address of this page is a link to it." if to_query(session.document) else "It is too long for a link."
    note = f"The graph with all values and gradients. {link}"
    st.html(tag("div", note, class_="x-caption"))
    view, way, look = session.view, session.direction, theme_name()
    with st.container(horizontal=True):
        for kind in FORMATS:
            st.download_button(
                f"{kind.ending.upper()}, {kind.purpose}",
                data=partial(kind.make, view.run if kind.whole else view.shown, way, look),
                file_name=f"{_stem(view.run)}.{kind.ending}",
                mime=kind.mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download {kind.ending}",
            )


def _stem(run: Run) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", f"graph-of-{run.output}")
