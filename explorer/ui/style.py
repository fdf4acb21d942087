"""The page's style: colours as CSS variables that follow Streamlit's light or dark theme, and a few rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import streamlit as st

from explorer.export.theme import DARK, LIGHT, Theme, ThemeName

_PLAIN = ("surface", "card", "sunken", "primary", "tertiary", "hairline", "strong", "edge")


@cache
def css() -> str:
    """All of it. Streamlit sets ``color-scheme``, so ``light-dark()`` follows a switch of theme at once."""
    pairs = zip(_colors(LIGHT), _colors(DARK), strict=True)
    variables = "".join(f"--x-{name}:light-dark({light},{dark});" for (name, light), (_, dark) in pairs)
    files = sorted(Path(__file__).parent.rglob("*.css"))
    rules = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return f"<style>.stApp{{{variables}--x-code:ui-monospace,Menlo,Consolas,monospace;}}\n{rules}</style>"


def apply() -> None:
    """Put the style on the page; it takes no room."""
    st.html(css())


def theme_name() -> ThemeName:
    """The theme that the browser shows, for what has to be coloured in Python."""
    return "dark" if st.context.theme.type == "dark" else "light"


def _colors(theme: Theme) -> Iterator[tuple[str, str]]:
    yield from ((name, getattr(theme, name)) for name in _PLAIN)
    for name, role in theme.roles.items():
        yield from ((f"{name}-{part}", getattr(role, part)) for part in ("mark", "text", "tint"))
