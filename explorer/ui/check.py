"""Nudge it: the gradient checked without calculus, by moving the value a little."""

from __future__ import annotations

import math

import streamlit as st
from torch import Tensor

from explorer.export.labels import symbol
from explorer.ops.typeset import number
from explorer.passes.both import steepest
from explorer.passes.nudge import Nudge, nudge
from explorer.ui import curve
from explorer.ui.html import Markup, tag
from explorer.ui.session import Session
from explorer.ui.view import View

MOST_NODES = 5_000
"""Larger programs are not executed again for the sake of a check."""

CLOSE = 0.01
"""Rise over run and gradient agree within this share of the gradient."""

DIGITS = 9
"""More than elsewhere: the difference is in the last ones."""

TOO_SMALL = "The output changes by less than numbers of 64 bits can show."
DIFFERS = "They differ: there is a kink or a jump nearby, or the curve bends too fast for this step."


def draw(session: Session, index: int) -> None:
    """For every node that has a finite gradient, in reverse mode; of a model for its parameters."""
    view = session.view
    gradient = view.run.grad(index)
    if view.tangents is not None or gradient is None or not gradient.numel():
        return
    if view.model is not None:
        curve.of_model(view.model, index)
    elif view.program is not None and len(view.run.graph) <= MOST_NODES:
        _nudged(view, index, gradient)
        curve.of_program(session, index)


def _nudged(view: View, index: int, gradient: Tensor) -> None:
    place = steepest(gradient)
    value = view.run.values[index]
    here = float(value[place]) if isinstance(value, Tensor) else float(value or 0.0)
    slope = float(gradient[place])
    if not math.isfinite(here) or not math.isfinite(slope):
        return
    moved = nudge(view.run, index, _step(here), place)
    st.html(_section(view, index, moved, slope))


def _step(value: float) -> float:
    """A thousandth, or for large values a power of ten near a thousandth of them."""
    return float(10.0 ** (math.floor(math.log10(max(abs(value), 1.0))) - 3))


def _section(view: View, index: int, moved: Nudge, slope: float) -> Markup:
    name = symbol(view.run, index) + ("[" + ", ".join(map(str, moved.place)) + "]" if moved.place else "")
    output = symbol(view.run, view.run.backward.output)
    sign, note = verdict(moved, slope)
    cells = (
        (f"{name} + {number(moved.step)}", tag("span", number(moved.moved, DIGITS), class_="x-forward")),
        (f"{output} becomes", tag("span", number(moved.after, DIGITS), class_="x-forward")),
        (
            "rise / run",
            tag("span", f"{number(moved.slope, 5)} {sign} ", tag("b", number(slope), class_="x-gradient")),
        ),
    )
    columns = [tag("div", tag("div", label, class_="x-caption"), figure) for label, figure in cells]
    title = tag("div", "Nudge it", tag("span", "a check without calculus", class_="x-quiet"), class_="x-section")
    return tag("div", title, tag("div", *columns, class_="x-thirds"), tag("div", note, class_="x-caption"))


def verdict(moved: Nudge, slope: float) -> tuple[str, str]:
    """The sign between rise over run and gradient, and what there is to say about it."""
    if moved.after == moved.before and slope != 0:
        return "beside", TOO_SMALL
    if math.isclose(moved.slope, slope, rel_tol=CLOSE, abs_tol=1e-6):
        return "≈", ""
    return "≠", DIFFERS
