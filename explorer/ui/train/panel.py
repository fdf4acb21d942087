"""The panel of training: where it stands, what is minimised, by which rule; and every parameter's next update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from explorer.export.labels import figure
from explorer.training.history import gradient_norm
from explorer.ui import errors
from explorer.ui.html import Markup, join, plain, tag
from explorer.ui.session import Session
from explorer.ui.train import rules, updates
from explorer.ui.train.setup import MOST_SEED, Setup, chosen
from explorer.ui.train.share import Training
from explorer.ui.widgets import showing

MOST_STEPS = 100_000
MANY, PILLS_HEIGHT = 12, 150
"""More names than that are scrolled, in so many pixels."""


def of(session: Session) -> Training | None:
    """What training keeps, once it was entered."""
    found = session.shares.get("train")
    return found if isinstance(found, Training) else None


def draw(session: Session) -> None:
    """From top to bottom. While it trains only what one turns meanwhile: every picture draws the panel, too."""
    training = of(session)
    if training is None:
        return
    if training.trainer is not None:
        st.html(_stats(training))
        _moves(training)
    if training.problem is not None:
        st.html(errors.problem("", training.problem))
    if training.playing:
        rules.choose(training)
        st.html(tag("div", "All else can be set when it pauses.", class_="x-caption"))
        return
    _goal(session, training)
    rules.choose(training)
    rules.refine(training)
    _start(training)
    if training.trainer is not None:
        updates.draw(training)


def _stats(training: Training) -> Markup:
    moment, trainer = training.moment, training.trainer
    assert moment is not None and trainer is not None
    name = "Value" if trainer.maximise else "Loss"
    norm = gradient_norm(moment)
    cells = (
        ("Step", f"{training.at:,}", ""),
        (name, figure(moment.loss, 4), ""),
        ("Gradient norm", figure(norm, 3), "x-gradient"),
    )
    return tag("div", *(_stat(*cell) for cell in cells), class_="x-stats x-thirds x-training")


def _stat(label: str, text: str, color: str) -> Markup:
    return tag("div", tag("div", label, class_="x-caption"), tag("div", text, class_=f"x-figure x-long {color}"))


def _moves(training: Training) -> None:
    """Train or pause, one step, n steps, the start."""
    session = training.session

    def act(what: object) -> None:
        assert callable(what)
        what()
        session.redraw()

    with st.container(horizontal=True, gap="small"):
        if training.playing:
            st.button(
                "Pause",
                icon=":material/pause:",
                type="primary",
                on_click=act,
                args=(training.pause,),
                key="train pause",
                width="stretch",
            )
        else:
            st.button(
                "Train",
                icon=":material/play_arrow:",
                type="primary",
                on_click=act,
                args=(training.play,),
                key="train play",
                width="stretch",
                disabled=training.stopped,
            )
        st.button("Step", on_click=act, args=(partial(_step, training),), key="train step", disabled=training.stopped)
        st.button(
            "Reset",
            on_click=act,
            args=(training.reset,),
            key="train reset",
            help="Back to the seeded start. The same settings give the same run again.",
        )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        count = st.number_input("Steps at once", 1, MOST_STEPS, 100, key="train count", label_visibility="collapsed")
        st.button(
            "Take so many steps",
            on_click=act,
            args=(partial(_take, training, int(count)),),
            key="train take",
            disabled=training.stopped,
        )


def _step(training: Training) -> None:
    training.step(1)
    training.pause()


def _take(training: Training, count: int) -> None:
    training.play(training.at + count)


def _goal(session: Session, training: Training) -> None:
    """What is minimised, and which inputs move."""
    setup, found = training.setup, training.material
    st.segmented_control(
        "Goal",
        ["Minimise", "Maximise"],
        **showing(
            "train goal",
            "Maximise" if setup.maximise else "Minimise",
            lambda new: training.change(replace(training.setup, maximise=new == "Maximise")),
            by="default",
        ),
        required=True,
        width="stretch",
        label_visibility="collapsed",
    )
    _objective(session)
    if found is None:
        return
    names = list(found.values)
    with st.container(height=PILLS_HEIGHT if len(names) > MANY else "content", border=False):
        st.pills(
            "Parameters",
            names,
            **showing(
                f"train parameters {hash(tuple(names))}",
                list(chosen(found, setup)),
                lambda new: _choose(training, new),
                by="default",
            ),
            selection_mode="multi",
            format_func=plain,
            help="The inputs that gradient steps move. All others stay as they are.",
        )


def _choose(training: Training, names: Sequence[str]) -> None:
    """Take the parameters over, in the order in which the program has them; without any the likely ones.

    The browser empties a list whose options have changed, and tells of it as if the user had done so.
    """
    found = training.material
    if found is None:
        return
    ordered = tuple(name for name in found.values if name in names)
    if ordered != chosen(found, training.setup):
        training.change(replace(training.setup, parameters=ordered or None))


def _objective(session: Session) -> None:
    """Which number: of a program any single one, of a model what the sidebar says."""
    view = session.view
    if view.model is not None:
        st.html(
            tag("div", f"It is {view.model.run.loss}. Choose another in the sidebar, under Loss.", class_="x-caption")
        )
        return
    graph = view.run.graph
    single = [
        id_ for i, id_ in enumerate(graph.ids) if graph.inputs[i] and not graph.shapes[i] and graph.dtypes[i] != "bool"
    ]
    if view.run.output not in single:
        single.append(view.run.output)
    st.selectbox(
        "What",
        **showing("train objective", view.run.output, session.set_output, among=single[::-1]),
        label_visibility="collapsed",
    )


def _start(training: Training) -> None:
    """Where the parameters start: as they are, or drawn."""
    setup: Setup = training.setup
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="small")
    left.segmented_control(
        "Start",
        ["as it is", "drawn"],
        **showing(
            "train start",
            "as it is" if setup.seed is None else "drawn",
            lambda new: training.change(replace(training.setup, seed=7 if new == "drawn" else None)),
            by="default",
        ),
        required=True,
        help="From the values that the program or the model has, or from numbers drawn by a seed.",
    )
    if setup.seed is not None:
        right.number_input(
            "Seed",
            0,
            MOST_SEED,
            **showing("train seed", setup.seed, lambda new: training.change(replace(training.setup, seed=int(new)))),
        )
    if training.trainer is not None and training.material is not None and training.material.model is None:
        st.button(
            "Write the parameters into the program",
            key="train keep",
            disabled=training.at == 0 or training.playing,
            help="As an edit that Undo takes back. Training starts from there.",
            on_click=training.keep,
        )
    st.html(
        tag(
            "div",
            join("Every run is replayed from its start: the same settings give the same numbers."),
            class_="x-caption",
        )
    )
