"""The gradient held against finite differences of every step size: the V-shaped curve, for one entry of a node."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st
from torch import Tensor

from explorer.errors import RunError
from explorer.export.theme import THEMES, ThemeName
from explorer.ops.typeset import number
from explorer.passes.both import steepest
from explorer.passes.differences import SINGLE, Check, Moved, check, check_by
from explorer.passes.nudge import nudge
from explorer.progress import tell
from explorer.recorded import unknown
from explorer.run import Run
from explorer.ui.charts import CONFIG, dress
from explorer.ui.html import tag
from explorer.ui.model import Traced
from explorer.ui.moved import moved
from explorer.ui.session import Session
from explorer.ui.style import theme_name
from explorer.ui.widgets import showing
from explorer.ui.working import working

LABEL = "Finite differences, all step sizes"
HELP = (
    "(f(x + h) − f(x − h)) / 2h beside the gradient. For a large h the curve bends away: the error falls with h². For "
    "a small one f is rounded: the error grows with 1/h. No step is right; where both meet is the best there is."
)


def of_program(session: Session, index: int) -> None:
    """For any node with a gradient; not while a number is dragged."""
    run = session.view.run
    gradient = run.grad(index)
    if gradient is None or not _is_wanted():
        return
    place = entry(run.graph.ids[index], gradient)
    if session.dragging:
        st.html(tag("div", "drawn when you let go", class_="x-caption x-wait", style=f"height:{PIXELS}px"))
    elif bool(gradient[place].isfinite()):
        _show(check(run, index, place), "numbers of 64 bits")


def of_model(traced: Traced, index: int) -> None:
    """For any node with a gradient: what follows it runs again, operation by operation, with one entry moved.

    Of a model whose operations cannot be done again that is the model itself, and only its parameters move.
    """
    run, gradient = traced.run, traced.run.grad(index)
    out_of_sight = bool(unknown(run.graph))
    if gradient is None or not bool(gradient.isfinite().all()):
        return
    if out_of_sight and run.graph.ops[index] != "parameter":
        return
    if not _is_wanted():
        return
    place = entry(run.graph.ids[index], gradient)
    ask = moved(traced, index, place) if out_of_sight else by_replay(run, index, place)

    def told(step: float) -> tuple[float, float]:
        tell(SINGLE.index(abs(step)) / len(SINGLE), "Twice for each step size")
        return ask(step)

    with working("Twice for each step size …", "curve", _put_off):
        try:
            found = check_by(told, float(gradient[place]), SINGLE)
        except RunError as problem:
            st.html(tag("div", str(problem), class_="x-caption x-error"))
            return
    _show(found, f"numbers of {8 * gradient.element_size()} bits")


def by_replay(run: Run, index: int, place: tuple[int, ...]) -> Moved:
    """From a step to where the entry then is, and the loss there."""

    def at(step: float) -> tuple[float, float]:
        found = nudge(run, index, step, place)
        return found.moved, found.after

    return at


def _is_wanted() -> bool:
    return st.toggle(LABEL, **showing("curve wanted", st.session_state.get("curve kept", False), _keep), help=HELP)


def _put_off() -> None:
    st.session_state["curve kept"] = False


def _keep(wanted: bool) -> None:
    """A widget's own state is forgotten where it is not drawn; this is not."""
    st.session_state["curve kept"] = wanted


def entry(name: str, gradient: Tensor, of: str = "entry") -> tuple[int, ...]:
    """Which entry; of a tensor the one with the largest gradient until another is chosen, for ``of``."""
    if not gradient.ndim:
        return ()
    with st.container(horizontal=True, gap="small"):
        return tuple(
            _along(f"{of} {name}", axis, first, gradient.shape[axis]) for axis, first in enumerate(steepest(gradient))
        )


def _along(name: str, axis: int, first: int, size: int) -> int:
    label = ("Row", "Column")[axis] if axis < 2 else f"Axis {axis}"
    key = f"{name} {axis} of {size}"
    return int(st.number_input(label, 0, size - 1, first, key=key, width=104, disabled=size == 1))


def _show(found: Check, of: str) -> None:
    figure = picture(found, theme_name())
    st.plotly_chart(figure, key="curve", config=CONFIG, theme=None)
    st.html(tag("div", verdict(found, of), class_="x-caption"))


def verdict(found: Check, of: str) -> str:
    """How near the best step comes, in words."""
    best = found.best
    if best is None:
        return "No step gives a number: the function is not defined around here."
    share = best.error / abs(found.gradient) if found.gradient else best.error
    what = "of the gradient" if found.gradient else "from a gradient of 0"
    size = "nothing" if best.error == 0 else f"{number(share, 2)} {what}"
    return f"Best at h = {number(best.step, 2)}: {number(best.slope, 8)}, {size} off {number(found.gradient, 8)}; {of}."


PIXELS = 210


def picture(found: Check, name: ThemeName) -> go.Figure:
    """Error over step, both as powers of ten. An error of exactly 0 stands on the floor, as a ring."""
    theme = THEMES[name]
    numbers = [d for d in found.differences if math.isfinite(d.error)]
    errors = [d.error for d in numbers if d.error > 0]
    floor = min(errors, default=1e-16) / 10
    color = theme.roles["gradient"].mark
    figure = go.Figure()
    figure.add_scatter(
        x=[d.step for d in numbers],
        y=[d.error or floor for d in numbers],
        mode="lines+markers",
        line={"color": color, "width": 1.5},
        marker={
            "size": 6,
            "color": color,
            "symbol": ["circle" if d.error else "circle-open" for d in numbers],
        },
        text=[f"slope {number(d.slope, 10)}<br>error {number(d.error, 3)}" for d in numbers],
        hovertemplate="h = %{x:.2g}<br>%{text}<extra></extra>",
    )
    if found.best is not None:
        _mark_best(figure, found.best.step, found.best.error or floor, theme.primary)
    figure.update_xaxes(type="log", exponentformat="power", dtick=_every([d.step for d in numbers]))
    figure.update_yaxes(type="log", exponentformat="power", dtick=_every([d.error or floor for d in numbers]))
    return dress(figure, theme, PIXELS, "step h", "error", showlegend=False)


def _mark_best(figure: go.Figure, x: float, y: float, color: str) -> None:
    ring = {"size": 12, "color": "rgba(0,0,0,0)", "line": {"color": color, "width": 2}}
    figure.add_scatter(x=[x], y=[y], mode="markers", marker=ring, hoverinfo="skip")


def _every(sizes: Sequence[float]) -> int:
    """So many powers of ten between two ticks."""
    powers = [math.log10(size) for size in sizes] or [0.0]
    return max(1, round((max(powers) - min(powers)) / 5))
