"""The run to take away, as it is shown: made when the button is pressed, not before."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st

from explorer.export import to_dot, to_json_text, to_pdf, to_physics, to_png, to_svg
from explorer.export.theme import ThemeName
from explorer.layout import Direction
from explorer.overlays import Overlay
from explorer.run import Run, Tangents
from explorer.standalone import Beside, to_html
from explorer.ui import autograd
from explorer.ui.html import tag
from explorer.ui.link import to_query
from explorer.ui.session import Session
from explorer.ui.style import theme_name

WIDEST = 12_000
"""Pixels of a PNG; a picture that would be too high for that is refused when it is made."""


class Asked(NamedTuple):
    """What a file is made of: a run as the canvas shows it. ``seen`` has closed groups as one node; ``width`` is of a
    PNG, in pixels, None for twice the size on screen; ``autograd`` is where the autograd graph stands, in HTML.
    """

    run: Run
    seen: Run
    opened: frozenset[str]
    overlay: Overlay | None
    tangents: Tangents | None
    title: str
    way: Direction
    look: ThemeName
    width: int | None
    autograd: Beside | None


class Format(NamedTuple):
    """A kind of file: its ending, media type, what it is good for, and how it is made."""

    ending: str
    mime: str
    purpose: str
    make: Callable[[Asked], str | bytes]
    name: str = ""


def _svg(of: Asked) -> str:
    return to_svg(of.run, direction=of.way, theme=of.look, opened=of.opened, overlay=of.overlay)


def _png(of: Asked) -> bytes:
    return to_png(of.run, width=of.width, direction=of.way, theme=of.look, opened=of.opened, overlay=of.overlay)


def _page(of: Asked) -> str:
    return to_html(
        of.run,
        title=of.title,
        direction=of.way,
        opened=of.opened,
        overlay=of.overlay,
        tangents=of.tangents,
        autograd=of.autograd,
    ).text


FORMATS = (
    Format("html", "text/html", "this canvas, to step through anywhere", _page, "canvas"),
    Format("svg", "image/svg+xml", "for print", _svg),
    Format("png", "image/png", "for anywhere", _png),
    Format("pdf", "application/pdf", "by Graphviz", lambda of: to_pdf(of.run, opened=of.opened, overlay=of.overlay)),
    Format("dot", "text/vnd.graphviz", "for Graphviz", lambda of: to_dot(of.run, opened=of.opened, overlay=of.overlay)),
    Format("html", "text/html", "moved by springs", lambda of: to_physics(of.seen, theme=of.look)),
    Format(
        "json",
        "application/json",
        "every number and step",
        lambda of: to_json_text(of.run, opened=of.opened, overlay=of.overlay),
    ),
)


def draw(session: Session) -> None:
    """One button a format, and how wide a PNG is."""
    link = "The address of this page is a link to it." if to_query(session.document) else "It is too long for a link."
    note = f"The graph with its values and gradients, open groups and colours as they are on the canvas. {link}"
    st.html(tag("div", note, class_="x-caption"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        width = st.number_input(
            "Width of the PNG, pixels", 100, WIDEST, None, 100, key="png width", placeholder="sharp", width=170
        )
        of = _asked(session, None if width is None else int(width))
        for kind in FORMATS:
            name = kind.name or kind.ending
            st.download_button(
                f"{kind.ending.upper()}, {kind.purpose}",
                data=partial(kind.make, of),
                file_name=f"{_stem(of.run)}.{kind.ending}",
                mime=kind.mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download {name}",
            )


def _asked(session: Session, width: int | None) -> Asked:
    view = session.view
    overlay = session.coloring.whole(view)
    way, look = session.direction, theme_name()
    return Asked(
        view.run,
        view.shown,
        view.opened,
        overlay,
        view.tangents,
        view.title,
        way,
        look,
        width,
        autograd.drawn_at(session),
    )


def _stem(run: Run) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", f"graph-of-{run.output}")
