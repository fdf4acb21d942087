"""Below the source: cuts that are placed by themselves, and large models that are planned without weights."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer.models.presets import LARGE
from explorer.segment.cut import MOST
from explorer.segment.partition.plan import Objective
from explorer.ui.html import tag
from explorer.ui.planned import BATCH, LENGTH
from explorer.ui.segment import share
from explorer.ui.segment.planning import Planning
from explorer.ui.segment.share import Cutting
from explorer.ui.session import Session
from explorer.ui.widgets import showing

GOALS: Mapping[Objective, tuple[str, str]] = {
    "bottleneck": ("Balance the work", "The slowest device or link is as quick as can be: most results a second."),
    "latency": ("Answer soonest", "Two devices, the first at the edge: one request takes least time."),
    "traffic": ("Fewest bytes", "Least crosses, with no device or link busy much longer than at best."),
    "memory": ("Even memory", "The fullest device has as much room left as can be."),
    "fewest": ("Fewest devices", "As few devices as hold it; at most as many as parts."),
}


def draw(session: Session) -> None:
    cutting = share.of(session)
    planning = cutting.planning
    with st.container(key="place cuts", gap="xsmall"):
        st.markdown("**Place cuts for me**")
        _goal(planning)
        _parts(planning)
        _training(planning)
        st.button(
            "Place cuts",
            key="place",
            icon=":material/content_cut:",
            width="stretch",
            on_click=lambda: session.later(lambda: planning.place(planning.objective, planning.parts)),
        )
        _large(session, cutting)


def _large(session: Session, cutting: Cutting) -> None:
    """A model of published size, cut by its shapes alone."""
    st.selectbox(
        "Plan a large model",
        **showing(
            "large model",
            cutting.large or None,
            lambda new: session.later(lambda: cutting.plan_large(new or "")),
            among=list(LARGE),
        ),
        placeholder="in place of the one above",
        help=f"By shapes alone, {BATCH} × {LENGTH} tokens: no weights are made, so of any size.",
    )
    if cutting.large:
        st.html(tag("div", "No weights are there: what needs numbers says so.", class_="x-caption"))


def _goal(planning: Planning) -> None:

    st.selectbox(
        "Goal",
        **showing("goal", planning.objective, lambda new: setattr(planning, "objective", new), among=list(GOALS)),
        format_func=lambda goal: GOALS[goal][0],
        help="  \n".join(f"**{title}**: {words}" for title, words in GOALS.values()),
    )


def _parts(planning: Planning) -> None:
    is_two = planning.objective == "latency"

    st.number_input(
        "Parts",
        1,
        MOST,
        **showing("parts", 2 if is_two else planning.parts, lambda new: setattr(planning, "parts", new)),
        step=1,
        disabled=is_two,
    )


def _training(planning: Planning) -> None:

    st.segmented_control(
        "Plan for",
        ["Inference", "Training"],
        **showing(
            "plan for",
            "Training" if planning.training else "Inference",
            lambda new: setattr(planning, "training", new == "Training"),
            by="default",
        ),
        required=True,
        width="stretch",
        label_visibility="collapsed",
        help="Training: times and memory of a forward and a backward, with gradients, without an optimiser.",
    )
