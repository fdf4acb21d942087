"""The brand, and how to read the graph."""

from __future__ import annotations

from base64 import b64encode
from functools import cache

from explorer.resources import asset
from explorer.ui.html import Markup, tag

_MARKS = (
    ("value", "value, forward pass", True),
    ("gradient", "gradient, backward pass", True),
    ("input", "input", False),
    ("output", "output", False),
    ("constant", "constant", False),
    ("width", "width: size of contribution", True),
)
"""Class of the mark, what it stands for, and whether it takes a whole line."""


@cache
def brand() -> Markup:
    """The name of the app with its mark."""
    picture = b64encode(asset("logo.svg").read_bytes()).decode()
    image = tag("img", src=f"data:image/svg+xml;base64,{picture}", width="24", height="24", alt="")
    return tag("div", image, tag("span", "Graph Explorer"), class_="x-brand")


@cache
def legend() -> Markup:
    """What the colours and glyphs of the canvas mean."""
    entries = [
        part
        for mark, meaning, wide in _MARKS
        for part in (
            tag("span", class_=f"x-mark x-mark-{mark}"),
            tag("span", meaning, class_="x-wide" if wide else ""),
        )
    ]
    title = tag("div", "Reading the graph", class_="x-section")
    return tag("div", title, tag("div", *entries, class_="x-legend"))
