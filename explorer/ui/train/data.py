"""The data set, below the source: made here, uploaded, downloaded, and put into the program."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from torch import Tensor

from explorer.errors import DataError
from explorer.training.data import MADE, MOST_ROWS, Points, from_csv, to_csv
from explorer.training.fitted import Fitted, fitted
from explorer.training.networks import DIGITS, HIDDEN, network
from explorer.ui import errors
from explorer.ui.document import Document
from explorer.ui.html import tag
from explorer.ui.session import Session
from explorer.ui.train.panel import of

UPLOAD = "from a CSV file"
COUNTS: dict[str, int] = {"two moons": 60, "spiral": 90, "circles": 60, "regression": 20}
NOISES: dict[str, float] = {"two moons": 0.1, "spiral": 0.03, "circles": 0.05, "regression": 0.2}
WIDEST = 64


def draw(session: Session) -> None:
    """For programs alone: a model brings what it reads."""
    training = of(session)
    if training is None or session.view.program is None:
        return
    points = training.points
    count = tag("span", "" if points is None else f"{len(points.rows)} points", class_="x-quiet")
    st.html(tag("div", "Data", count, class_="x-section"))
    kind = st.selectbox(
        "Data set",
        [*MADE, UPLOAD],
        index=None,
        key="data kind",
        placeholder="Points to learn from",
        label_visibility="collapsed",
        format_func=lambda kind: kind[0].upper() + kind[1:],
        on_change=lambda: _made(session),
    )
    if kind == UPLOAD:
        _upload(session)
    elif kind is not None:
        _sizes(session, kind)
    if points is not None:
        _taken(points)


def _sizes(session: Session, kind: str) -> None:
    left, middle, right = st.columns(3, gap="small")
    changed = partial(_made, session)
    left.number_input("Points", 2, 500, COUNTS[kind], key=f"data count {kind}", on_change=changed)
    middle.number_input("Noise", 0.0, 1.0, NOISES[kind], 0.01, key=f"data noise {kind}", on_change=changed)
    right.number_input("Seed", 0, 9999, 7, key=f"data seed {kind}", on_change=changed)
    if kind != "regression":
        st.number_input(
            "Hidden units",
            1,
            WIDEST,
            _hidden(kind),
            key=f"data hidden {kind}",
            help="Of the network that comes with the data. Any program with X and t takes the points, too.",
            on_change=lambda: _made(session, fresh=True),
        )


def _hidden(kind: str) -> int:
    return 16 if kind == "spiral" else HIDDEN


def _made(session: Session, fresh: bool = False) -> None:
    """Make what is chosen and put it into the program."""
    state, kind = st.session_state, st.session_state["data kind"]
    if kind is None or kind == UPLOAD:
        return
    count = state.get(f"data count {kind}", COUNTS[kind])
    noise, seed = state.get(f"data noise {kind}", NOISES[kind]), state.get(f"data seed {kind}", 7)
    hidden = state.get(f"data hidden {kind}", _hidden(kind))
    put(session, MADE[kind](int(count), float(noise), int(seed)), int(hidden), deep=kind == "spiral", fresh=fresh)


def put(session: Session, points: Points, hidden: int = HIDDEN, deep: bool = False, fresh: bool = False) -> None:
    """Points into the program; where it has no place for them, or a ``fresh`` one is asked for, into one that has."""
    points = Points(points.columns, np.round(points.rows, DIGITS))
    values = session.view.values
    found = None if fresh else fitted(values, points.inputs.shape)
    if found is not None and (
        session.view.document.text == network(points, hidden, deep).text or not _is_ours(session)
    ):
        session.set_inputs(found.write(points, values))
        return
    made = network(points, hidden, deep)
    given = Fitted("X" if points.inputs.shape[1] == 2 else "x", "t")
    start: dict[str, Any] = {
        name: value.tolist() if isinstance(value, Tensor) else value for name, value in made.start.items()
    }
    session.load(Document(made.text, {**given.write(points, {}), **start}))


def _is_ours(session: Session) -> bool:
    """Whether the program is one that came with a data set: another one may take its place."""
    points = [made(4) for made in MADE.values()]
    texts = {network(each, deep=deep).text for each in points for deep in (False, True)}
    return session.view.document.text in texts


def _upload(session: Session) -> None:
    file = st.file_uploader("CSV file", type=["csv", "txt"], key="data file", label_visibility="collapsed")
    st.html(tag("div", "A header x1,x2,class or x,y, then one point a line.", class_="x-caption"))
    if file is None:
        return
    try:
        points = from_csv(_text(file.getvalue()))
    except DataError as problem:
        st.html(errors.problem("", problem))
        return
    if st.session_state.get("data read") != file.file_id:
        st.session_state["data read"] = file.file_id
        session.later(lambda: put(session, points))
        st.rerun()


def _text(content: bytes) -> str:
    """Raises DataError for what is no text, or too much of it."""
    if len(content) > 100 * MOST_ROWS:
        raise DataError(f"The file has {len(content):,} bytes; at most {MOST_ROWS:,} points are read.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("The file is not text in UTF-8. Save it as CSV, UTF-8.") from None


def _taken(points: Points) -> None:
    st.html(
        tag(
            "div",
            "Drag points in the plane below the graph; a double-click adds one, Alt-click removes.",
            class_="x-caption",
        )
    )
    st.download_button(
        "Points as CSV",
        to_csv(points),
        "points.csv",
        "text/csv",
        on_click="ignore",
        key="data download",
        icon=":material/download:",
    )
