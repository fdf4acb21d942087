"""Forward mode beside reverse mode: what each costs here, one derivative by both, and the same as a sum over paths."""

from __future__ import annotations

import streamlit as st
from torch import Tensor

from explorer.export.labels import symbol
from explorer.export.ways import path_latex, path_text
from explorer.passes.both import both
from explorer.passes.modes import Cost, modes
from explorer.passes.paths import Path, Paths, count, paths
from explorer.run import Run
from explorer.ui import model_modes
from explorer.ui.html import Markup, heads, tag
from explorer.ui.model_modes import both_ways, counted, lighter
from explorer.ui.numbers import short
from explorer.ui.session import Session
from explorer.ui.widgets import paged

PAGE = 8
"""Paths that are shown at a time."""

MOST_LISTED = 400
CLOSE = 1e-12
"""Sum and gradient agree within this share of the sizes that were added up."""


def draw(session: Session) -> None:
    """For the inspected node, as far as this run can tell."""
    view = session.view
    st.html(_costs(view.run))
    index = view.run.graph.index[session.inspected]
    name = symbol(view.run, index)
    if view.run.grads[index] is None:
        st.html(tag("div", f"No gradient reaches {name}. Choose another node on the canvas.", class_="x-caption"))
        return
    if view.program is not None:
        st.html(tag("div", "The same derivative both ways", class_="x-section"))
        st.html(both_ways(view.run, name, both(view.run, index)))
        _paths(session, index, name)
    else:
        model_modes.draw(session, index, name)


def _costs(run: Run) -> Markup:
    """Passes and multiplications of both modes for all derivatives of the output with respect to all inputs."""
    cost = modes(run)
    title = f"All derivatives of {symbol(run, run.backward.output)} with respect to everything handed in"
    rows = [
        _row("forward mode", cost.forward, "one pass for each number that goes in", cost.reverse),
        _row("reverse mode", cost.reverse, "one pass for each number that comes out", cost.forward),
    ]
    head = heads("", "passes", "multiplications", "")
    table = tag("table", head, *rows, class_="x-table x-steps")
    missing = f"Counted as one multiplication an entry, which is too few: {', '.join(cost.uncounted)}."
    note = tag("div", missing, class_="x-caption") if cost.uncounted else ""
    return tag("div", tag("div", title, class_="x-section"), table, note)


def _row(name: str, cost: Cost, why: str, other: Cost) -> Markup:
    fewer = "" if cost.multiplications >= other.multiplications else _times(other, cost)
    cells = (name, f"{cost.passes:,} · {why}", f"{cost.multiplications:,}", fewer)
    return tag("tr", *(tag("td", cell) for cell in cells))


def _times(more: Cost, fewer: Cost) -> str:
    if not fewer.multiplications:
        return "fewer"
    ratio = more.multiplications / fewer.multiplications
    return f"{ratio:,.0f} times fewer" if ratio >= 100 else f"{ratio:.3g} times fewer"


# Sum over paths --------------------------------------------------------------------------------------------------


def _paths(session: Session, index: int, name: str) -> None:
    run = session.view.run
    number = count(run, index)
    words = f"{counted(number)} from {name} to {symbol(run, run.backward.output)}"
    st.html(tag("div", "Sum over paths", tag("span", words, class_="x-quiet"), class_="x-section"))
    found = paths(run, index, MOST_LISTED)
    places, choose = paged("paths", len(found.listed), PAGE)
    for place in places:
        _path(session, place, found.listed[place])
    choose()
    st.html(tag("div", _summed(run, index, found), class_="x-caption"))


def _path(session: Session, place: int, path: Path) -> None:
    """One path: a button that lights it, the way, and its product."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"path-{place}"):
        lighter(session, place, path.edges)
        st.html(tag("span", path_text(session.view.run, path), class_="x-caption"), width="content")
        st.latex(path_latex(session.view.run, path), width="content")


def _summed(run: Run, index: int, found: Paths) -> str:
    """The sum beside the gradient, held to ``CLOSE``; of too many paths only how many are listed."""
    gradient = run.grads[index]
    if not found.is_complete:
        return f"The first {len(found.listed):,} are listed; the gradient {short(gradient)} is the sum of all."
    total, size = found.total, sum(_size(path.product) for path in found.listed)
    if total is None or gradient is None:
        return ""
    agrees = _size(total - gradient) <= CLOSE * max(size, 1e-300)
    verdict = "✓ Their sum is the gradient" if agrees else "✗ Their sum is not the gradient"
    return f"{verdict}: {short(total)}, and reverse mode gives {short(gradient)}."


def _size(number: float | Tensor) -> float:
    return float(number.abs().max()) if isinstance(number, Tensor) else abs(float(number))
