"""Widgets whose state is the session's: the document is the truth, a widget shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import streamlit as st

By = Literal["value", "default"]
"""What a widget calls the value that it starts with; a select box asks for the place among its options."""


def showing(
    key: str,
    value: Any,
    changed: Callable[[Any], object] | None = None,
    *,
    by: By = "value",
    among: Sequence[Any] | None = None,
) -> dict[str, Any]:
    """The arguments that make a widget show ``value``, with its options where it is one ``among`` them.

    ``changed`` hears what the user sets it to, before the page is drawn again.

    A widget that shows something else than the session has is replaced by a new one, with a key of its own: what the
    browser still tells of the old one then means nothing. Told anew in place, it would be asked for before it has
    heard, and the old value would undo an edit. Only where the session corrects what the user has just set does the
    widget stay, and with it the focus.
    """
    state, count, heard = st.session_state, f"{key}: number", f"{key}: heard"
    number = state.get(count, 0)
    name = _name(key, number)
    if count in state and state.get(name) != value:
        if name in state and heard in state:
            state[name] = value
        else:
            number += 1
            name = _name(key, number)
    state[count] = number
    state.pop(heard, None)

    def tell() -> None:
        if state[count] != number:  # The browser had not heard yet that there is another widget.
            return
        state[heard] = True
        if changed is not None:
            changed(state[name])

    shown: dict[str, Any] = {by: value} if among is None else {"options": among, "index": _place(value, among)}
    return {"key": name, "on_change": tell, **shown}


def paged(name: str, count: int, size: int) -> tuple[range, Callable[[], None]]:
    """Which of ``count`` rows stand on the page that is shown, and what draws the choice of a page below them."""
    pages = max(-(-count // size), 1)
    key = f"{name}, page of {pages}"
    first = (int(st.session_state.get(key, 1)) - 1) * size

    def choose() -> None:
        if pages > 1:
            st.pagination(pages, key=key)

    return range(first, min(first + size, count)), choose


def _name(key: str, number: int) -> str:
    return f"{key} {number}" if number else key


def _place(value: Any, options: Sequence[Any]) -> int | None:
    return options.index(value) if value in options else None
