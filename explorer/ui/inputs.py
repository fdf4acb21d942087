"""The inputs of the program: numbers with sliders, small grids for vectors and matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import streamlit as st

from explorer.ops.typeset import number
from explorer.ui.examples import Value
from explorer.ui.html import plain, tag
from explorer.ui.session import Session
from explorer.ui.widgets import showing

MOST_CELLS = 256
"""A grid with more cells than this is changed in the text."""

REACHES = tuple(digit * 10.0**power for power in range(7) for digit in (1, 2, 5))[2:]
"""How far a slider goes to both sides: the first of these that holds the value."""

STEP = 0.1000000000000001
"""A tenth. Streamlit rounds a number that is stepped to as many decimals as its step has; these keep them all."""

FARTHEST = REACHES[-1]
"""Numbers beyond have a field and no slider."""


def draw(session: Session) -> None:
    """Numbers first, one row each, then the grids, each behind a button; last the gradient switches."""
    values = session.view.values
    hint = tag("span", "or drag a number on its card", class_="x-quiet")
    st.html(tag("div", "Inputs", hint, class_="x-section"))
    if not values:
        st.caption("The program has none.")
        return
    for name, value in values.items():
        if not isinstance(value, list):
            _number(session, name, value)
    with st.container(horizontal=True, gap="xsmall"):
        for name, value in values.items():
            if isinstance(value, list):
                _grid(f"grid {name}", name, value, partial(_set, session, name))
    _gradients(session, list(values))


def upstream(session: Session) -> None:
    """The gradient that the backward pass starts from, for an output with a shape."""
    run = session.view.run
    ones = session.view.document.upstream is None
    note = "ones, unless you change them" if ones else "as you set it"
    st.html(tag("div", f"The output is no single number. Its upstream gradient: {note}.", class_="x-caption"))
    _grid("upstream", "Upstream gradient", run.upstream.tolist(), lambda new: session.set_output(run.output, new))


def _number(session: Session, name: str, value: float) -> None:
    if not math.isfinite(value):
        st.html(tag("div", f"{name} is {number(value)}: change it in the program.", class_="x-caption"))
        return
    left, right = st.columns([2, 3], vertical_alignment="bottom", gap="small")
    left.number_input(
        plain(name),
        **showing(f"number {name}", value, lambda new: _set(session, name, stepped(value, new))),
        step=STEP,
        format="%g",  # All digits: the browser steps from what it shows.
    )
    if abs(value) <= FARTHEST:
        with right:
            _slider(session, name, value)


def _set(session: Session, name: str, value: Value) -> None:
    session.soon(partial(session.set_input, name, value), f"input {name}")


def stepped(before: float, after: float) -> float:
    """``after``, without the digits that ``STEP`` has beyond a tenth if it is one step away from ``before``."""
    for neighbour in (before + 0.1, before - 0.1):
        if math.isclose(after, neighbour, rel_tol=1e-15, abs_tol=1e-15):
            decimals = -int(Decimal(repr(before)).as_tuple().exponent)
            return round(neighbour, max(decimals, 1))
    return after


def _slider(session: Session, name: str, value: float) -> None:
    reach = next(reach for reach in REACHES if reach >= abs(value))
    st.slider(
        plain(name),
        -reach,
        reach,
        **showing(f"slider {name} {reach:g}", value, partial(_set, session, name)),
        step=reach / 100,
        label_visibility="collapsed",
    )


def _grid(key: str, label: str, value: list[Any], on_change: Callable[[list[Any]], None]) -> None:
    """A button that opens a vector as one row, a matrix as its rows."""
    rows = value if isinstance(value[0], list) else [value]
    if isinstance(rows[0][0], list) or len(rows) * len(rows[0]) > MOST_CELLS:
        st.html(tag("div", f"{label} is too large for a grid: change it in the program.", class_="x-caption"))
        return
    shape = f"{len(rows)} × {len(rows[0])}" if rows is value else f"{len(value)}"
    with st.popover(f"{plain(label)} :gray[{shape}]", key=f"{key} open", on_change="rerun") as opened:
        if opened.open:
            _cells(key, rows, lambda new: on_change(new if rows is value else new[0]))


def _cells(key: str, rows: list[list[float]], on_change: Callable[[list[list[float]]], None]) -> None:
    base, widget = _base(key, rows)
    columns = {str(place): [row[place - 1] for row in base] for place in range(1, len(base[0]) + 1)}
    st.data_editor(
        columns,
        key=widget,
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(required=True, format="%.6g") for name in columns},
        on_change=lambda: on_change(_edited(base, st.session_state[widget])),
    )


def _base(key: str, rows: list[list[float]]) -> tuple[list[list[float]], str]:
    """What the grid started from, and its widget's key: new ones when ``rows`` were changed elsewhere."""
    base, count = st.session_state.get(f"{key} base", (None, 0))
    if base is None or _edited(base, st.session_state.get(f"{key} {count}")) != rows:
        base, count = rows, count + 1
        st.session_state[f"{key} base"] = (base, count)
    return base, f"{key} {count}"


def _edited(base: list[list[float]], state: Any) -> list[list[float]]:
    """``base`` with the cells that were typed in; an emptied cell keeps its number."""
    rows = [list(row) for row in base]
    for row, cells in (state or {}).get("edited_rows", {}).items():
        for column, typed in cells.items():
            if typed is not None:
                rows[int(row)][int(column) - 1] = float(typed)
    return rows


def _gradients(session: Session, names: list[str]) -> None:
    held = session.view.document.held
    chosen = [name for name in names if name not in held]
    st.pills(
        "Gradient for",
        names,
        **showing("requires_grad", chosen, lambda new: session.set_held(frozenset(names) - set(new)), by="default"),
        selection_mode="multi",
        format_func=plain,
        help="`requires_grad`: without it nothing flows back to the input, nor to what depends on it alone.",
    )
    pruned = session.view.pruned
    if held and pruned:
        shown = ", ".join(pruned[:6]) + (" and more" if len(pruned) > 6 else "")
        st.html(tag("div", f"No gradient flows into {shown}.", class_="x-caption"))
