"""Problems as the user sees them: where, what, and what to try. Never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from explorer.errors import ExplorerError, ProgramError
from explorer.ui.html import Markup, join, tag

LOG = logging.getLogger("explorer")
WIDEST_LINE = 120


def problem(text: str, error: ExplorerError) -> Markup:
    """A problem of the program ``text``, with its line marked."""
    if not isinstance(error, ProgramError):
        return _block(tag("b", str(error)))
    lines = text.split("\n")
    line = error.line if error.line is not None and 1 <= error.line <= len(lines) else None
    where = tag("div", f"Line {line}, column {error.column or 1}", class_="x-quiet") if line else ""
    marked = _marked(lines[line - 1], line, error.column or 1) if line else ""
    return _block(where, tag("b", error.message), marked, tag("div", error.hint) if error.hint else "")


def _block(*parts: str) -> Markup:
    return tag("div", *parts, class_="x-problem", role="alert")


def _marked(line: str, number: int, column: int) -> Markup:
    """The line with a caret under the column; of a very long line the part around it."""
    start = max(0, column - WIDEST_LINE // 2)
    part = line[start : start + WIDEST_LINE].replace("\t", " ")
    lead = f"{number} │ " + ("…" if start else "")
    caret = " " * (len(lead) + column - 1 - start)
    return tag("pre", lead + part + "\n" + caret, tag("mark", "▲"))


@contextmanager
def shielded(part: str) -> Iterator[None]:
    """Draws a plain message in place of a traceback if drawing ``part`` fails, and logs what happened."""
    try:
        yield
    except ExplorerError as error:
        st.html(_block(tag("b", str(error))))
    except Exception:
        LOG.exception("Drawing the %s failed", part)
        st.html(
            _block(
                tag("b", f"The {part} could not be drawn. That is a mistake of the app, not of yours."),
                tag("div", join("Undo the last change or open an example; the details are in the app's log.")),
            )
        )
