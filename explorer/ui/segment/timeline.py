"""Below the canvas: one request through all segments, and batches as a pipeline."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer.errors import SegmentError
from explorer.segment.cut import letter
from explorer.segment.orders import Kind
from explorer.segment.resize import Size
from explorer.segment.schedule import Pipeline
from explorer.segment.schedule import waterfall as phases
from explorer.segment.timing import joules
from explorer.segment.wording import energy, size, time
from explorer.ui.html import Markup, tag
from explorer.ui.segment import figures, share
from explorer.ui.segment.planning import Planning
from explorer.ui.session import Session
from explorer.ui.style import theme_name
from explorer.ui.widgets import showing

NAMES: Mapping[Kind, str] = {
    "gpipe": "GPipe", "1f1b": "1F1B", "interleaved": "Interleaved", "zero-bubble": "Zero bubble",
    "inference": "Inference",
}  # fmt: skip
MOST_MICROBATCHES, MOST_BATCH, MOST_LENGTH = 32, 64, 2048
CONFIG = {"displayModeBar": False}


def pipeline(session: Session) -> None:
    """A schedule of microbatches; what each device is idle, and how much waits on it."""
    planning = share.of(session).planning
    left, right = st.columns([1, 3], gap="medium")
    with left:
        _kind(planning)
        _number(planning, "microbatches", "Microbatches", 1, MOST_MICROBATCHES)
        if planning.kind == "interleaved":
            _number(planning, "each", "Segments on each device", 2, 4)
        _sizes(planning, "pipeline")
    with right:
        try:
            with st.spinner("Working it out …", show_time=True):
                made = planning.pipeline()
        except SegmentError as problem:
            st.info(str(problem))
            return
        st.html(_idle(planning, made))
        st.plotly_chart(figures.schedule(made, theme_name()), key="pipeline picture", config=CONFIG, theme=None)
        st.html(tag("div", _rooms(planning, made), class_="x-caption"))


def request(session: Session) -> None:
    """Compute and transfer of one batch, one after the other."""
    planning = share.of(session).planning
    left, right = st.columns([1, 3], gap="medium")
    with left:
        _sizes(planning, "request")
    with right:
        try:
            times = planning.sized_times(training=False)
        except SegmentError as problem:
            st.info(str(problem))
            return
        sent = sum(times.send)
        used = joules(times, planning.devices())
        share_ = f" ({100 * sent / times.latency:.3g} %)" if times.latency else ""
        st.html(
            _facts(
                ("one batch", time(times.latency)),
                ("computing", time(sum(times.compute))),
                ("on links", time(sent) + share_),
                ("energy", "not known" if used is None else energy(used)),
            )
        )
        on, over = [one.name for one in planning.devices()], [one.name for one in planning.links()]
        figure = figures.waterfall(phases(times), on, over, theme_name())
        st.plotly_chart(figure, key="request picture", config=CONFIG, theme=None)


def _kind(planning: Planning) -> None:

    st.selectbox(
        "Schedule",
        **showing("schedule kind", planning.kind, lambda new: setattr(planning, "kind", new), among=list(NAMES)),
        format_func=NAMES.__getitem__,
        help="GPipe: all forwards, then all backwards. 1F1B: a backward as soon as there is one. Interleaved: several "
        "segments on each device. Zero bubble: the half of a backward that is for the weights fills the gaps.",
    )


def _number(planning: Planning, name: str, label: str, low: int, high: int) -> None:
    st.slider(
        label,
        low,
        high,
        **showing(f"schedule {name}", getattr(planning, name), lambda new: setattr(planning, name, new)),
    )


def _sizes(planning: Planning, where: str) -> None:
    """Sliders for what the exported graph leaves free."""
    free = planning.free()
    if not free:
        st.html(tag("div", "The sizes are those that were traced: the graph has them fixed.", class_="x-caption"))
    for one in free:
        _size(planning, one, where)


def _size(planning: Planning, one: Size, where: str) -> None:
    usual = MOST_BATCH if one.name == "batch" else MOST_LENGTH
    low, high = min(one.least, one.traced), max(one.traced, one.most or usual)
    high = min(high, max(usual, one.traced))
    if low == high:
        return

    def chosen(new: int) -> None:
        planning.sizes = {**planning.sizes, one.name: new}

    sequences = "Sequences in a microbatch" if where == "pipeline" else "Sequences"
    label = {"batch": sequences, "length": "Tokens in each"}.get(one.name, one.name.capitalize())
    st.slider(
        label,
        low,
        high,
        **showing(f"{where} {one.name}", planning.sizes.get(one.name, one.traced), chosen),
        help=f"{one.traced:,} were traced.",
    )


def _idle(planning: Planning, made: Pipeline) -> Markup:
    batch = next((planning.sizes.get(one.name, one.traced) for one in planning.free() if one.name == "batch"), None)
    rate = 0.0 if not made.length else (batch or 1) * made.microbatches / made.length
    what = "sequences" if batch else "microbatches"
    times = planning.sized_times(training=planning.kind != "inference")
    slowest = max(range(len(times.compute)), key=times.compute.__getitem__)
    return _facts(
        ("idle", f"{100 * made.bubble:.3g} %"),
        ("all microbatches take", time(made.length)),
        (f"{what} a second", f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"),
        ("slowest segment", letter(slowest)),
    )


def _rooms(planning: Planning, made: Pipeline) -> str:
    if planning.kind == "inference":
        return "Forwards alone: nothing has to wait for a backward."
    waiting = zip(made.in_flight(), planning.in_flight(made), strict=True)
    told = [f"device {k + 1}: {count:.0f} ({size(bytes)})" for k, (count, bytes) in enumerate(waiting)]
    return f"Microbatches in flight at most, and the activations that wait for their backward: {', '.join(told)}."


def _facts(*facts: tuple[str, str]) -> Markup:
    return tag("div", *(tag("span", f"{name} ", tag("b", value)) for name, value in facts), class_="x-idle")
