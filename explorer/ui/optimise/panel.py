"""The panel at the right: how much can run side by side, and the passes that leave work out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import streamlit as st

from explorer.graph import LEAVES, Graph
from explorer.passes.parallel import critical_path, generations, schedule
from explorer.passes.rewrite import operations
from explorer.ui.html import Markup, join, tag
from explorer.ui.numbers import short
from explorer.ui.optimise import share
from explorer.ui.optimise.costs import UNITS, Unit, costs_of
from explorer.ui.optimise.share import DRAWN_ANEW, KEYS, Key, Optimising, Result
from explorer.ui.session import Session
from explorer.ui.view import View
from explorer.ui.widgets import showing

PASSES: dict[Key, tuple[str, str, str]] = {
    "merge": ("Merge", "equal expressions", "Common sub-expressions: what is computed twice is computed once."),
    "fold": ("Fold", "constants", "What is computed from constants alone becomes a constant."),
    "prune": ("Remove", "dead nodes", "What the output does not need goes, comparisons that chose a branch as well."),
}
"""What the button says, what it is about, and in a sentence what the pass does."""

WORDS: dict[Unit, str] = {"operations": "1, whichever it is", "arithmetic": "its arithmetic (FLOP)"}
MOST_WORKERS = 16
MOST_LISTED = 12
MOST_TRIED = 300
"""In larger graphs it is not worked out beforehand what a pass would save, and a pass is applied in sight."""


def draw(session: Session) -> None:
    """Levels and workers first, then the passes."""
    found = share.of(session)
    _parallel(session.view, found)
    _passes(session.view, found)


def _parallel(view: View, found: Optimising) -> None:
    graph = view.run.graph
    costs = costs_of(graph, found.unit)
    line = schedule(graph, found.workers, costs)
    st.html(tag("div", "Side by side", tag("span", "levels and workers", class_="x-quiet"), class_="x-section"))
    depth = sum(any(graph.ops[node] not in LEAVES for node in level) for level in generations(graph))
    widest = max((sum(graph.ops[node] not in LEAVES for node in level) for level in generations(graph)), default=0)
    st.html(_figures(("Operations", f"{operations(graph):,}"), ("Levels", f"{depth:,}"), ("Widest", f"{widest:,}")))
    st.html(tag("div", "The nodes of one level need nothing of each other.", class_="x-caption"))
    _switches(found)
    _set(found, "workers", st.slider, "Workers", 1, MOST_WORKERS)
    _set(found, "unit", st.selectbox, "An operation takes", among=UNITS, format_func=WORDS.__getitem__)
    infinite = line.work / line.critical if line.critical else 1.0
    st.html(
        _figures(
            ("Speed-up", f"{line.speedup:.2f} ×"),
            ("Best possible", f"{line.bound:.2f} ×"),
            ("On any number", f"{infinite:.2f} ×"),
        )
    )
    st.html(tag("div", _explained(graph, line.work, line.critical, costs), class_="x-caption"))


def _switches(found: Optimising) -> None:
    _set(found, "shows_levels", st.toggle, "Levels on the cards")
    _set(found, "shows_critical", st.toggle, "Light the critical path")


def _explained(graph: Graph, work: float, critical: float, costs: dict[int, float] | None) -> str:
    """``Work 7, of which 3 one after the other: a → add → y.``"""
    path = [graph.ids[node] for node in critical_path(graph, costs)]
    shown = path if len(path) <= 6 else [*path[:3], "…", *path[-2:]]
    return f"Work {short(work)}; {short(critical)} of it one after the other, along {' → '.join(shown)}."


def _set(found: Optimising, name: str, widget, label: str, *options, among=None, **more) -> None:  # type: ignore[no-untyped-def]
    """A widget that shows and sets one field of what the activity keeps."""

    def changed(new: Any) -> None:
        _do(found, partial(found.show, **{name: new}), name in DRAWN_ANEW)

    widget(label, *options, **showing(f"optimise {name}", getattr(found, name), changed, among=among), **more)


def _do(found: Optimising, action: Callable[[], None], is_long: bool) -> None:
    """At once, or where it may take long when the page can show that it works, and be stopped."""
    view = found.session.view
    if not is_long or (view.program is not None and len(view.run.graph) <= MOST_TRIED):
        action()
    else:
        found.session.later(action)
        found.session.is_behind = True


# Passes ----------------------------------------------------------------------------------------------------------


def _passes(view: View, found: Optimising) -> None:
    st.html(tag("div", "Less work", tag("span", "graph to graph", class_="x-quiet"), class_="x-section"))
    own = view.own or view
    refused = share.refusal(own)
    if refused:
        st.html(tag("div", refused, class_="x-caption"))
        return
    is_model = own.program is None
    offers = found.offers(view) if is_model or len(own.run.graph) <= MOST_TRIED else None
    for key in KEYS:
        most = "up to " if is_model and key == "merge" and found.exact else ""
        _offer(key, found, None if offers is None else offers[key], most)
    _set(found, "exact", st.toggle, "Keep gradients to the last bit", help=EXACT)
    if found.problem:
        st.error(found.problem)
    _history(found)
    result = found.result(view)
    if result is not None:
        _set(found, "shows_before", st.toggle, "Show the graph before", help="With marks on what changes.")
        st.html(_proof(result))
        st.html(join(*_listed(result)))


EXACT = (
    "A merged node adds up its gradient before it multiplies: (g₁ + g₂) · local instead of g₁ · local + g₂ · local. "
    "That is the same number, rounded once less. On: only what leaves every gradient's bits alone is merged."
)


def _offer(key: Key, found: Optimising, saved: int | None, most: str = "") -> None:
    verb, what, sentence = PASSES[key]
    count = "" if saved is None else f" · {most}{_nodes(-saved)}" if saved else " · nothing to do"
    st.button(
        f"{verb} {what}{count}",
        key=f"pass {key}",
        help=sentence,
        width="stretch",
        disabled=saved == 0,
        on_click=partial(_do, found, partial(found.apply, key), True),
    )


def _nodes(count: int) -> str:
    return f"{count:+,} node{'' if abs(count) == 1 else 's'}".replace("-", "−")


def _history(found: Optimising) -> None:
    """The passes that were applied, and the way back."""
    if not (found.applied or found.undone):
        return
    done = ", ".join(f"{place}. {PASSES[key][0].lower()}" for place, key in enumerate(found.applied, 1))
    st.html(tag("div", f"Applied: {done or 'none'}", class_="x-caption"))
    with st.container(horizontal=True):
        last = PASSES[found.applied[-1]][0].lower() if found.applied else ""
        st.button(
            f"Undo {last}".strip(),
            key="undo pass",
            icon=":material/undo:",
            disabled=not last,
            on_click=partial(_do, found, found.undo, True),
        )
        nothing = not found.undone
        st.button(
            "Redo",
            key="redo pass",
            icon=":material/redo:",
            disabled=nothing,
            on_click=partial(_do, found, found.redo, True),
        )


def _proof(result: Result) -> Markup:
    """Said only of what was run and compared."""
    before, after = operations(result.before.graph), operations(result.after.graph)
    proof, saved = result.proof, before - after
    lines = [
        _figures(("Before", f"{before:,}"), ("After", f"{after:,}"), ("Operations saved", f"{saved:,}")),
        tag("div", _checked(proof.values, "All values that are left are bit-equal."), class_="x-caption"),
    ]
    gradients = "The gradients of all inputs are bit-equal."
    if proof.gradients:
        lines.append(tag("div", _checked(True, gradients), class_="x-caption"))
    elif proof.difference < ROUNDING:
        lines.append(
            tag("div", f"≈ Gradients differ by rounding: at most {proof.difference:.1e} of them.", class_="x-caption")
        )
    else:
        lines.append(tag("div", _checked(False, gradients), class_="x-caption"))
    return join(*lines, tag("div", "Both graphs were run and compared.", class_="x-caption"))


ROUNDING = 1e-9


def _checked(holds: bool, words: str) -> str:
    return f"✓ {words}" if holds else f"✗ This does not hold: {words}"


def _listed(result: Result) -> Iterator[Markup]:
    """What became of the nodes, in words."""
    old, new = result.before.graph, result.after.graph
    rows = [
        *(
            ("merged", f"{', '.join(old.ids[i] for i in olds)} → {new.ids[n]}")
            for n, olds in result.changes.merged.items()
        ),
        *(("folded", f"{new.ids[n]} = {short(result.after.values[n])}") for n in result.changes.folded),
        *(("gone", _described(old, i)) for i in result.changes.gone),
    ]
    if not rows:
        return
    body = [tag("tr", tag("td", what), tag("td", which)) for what, which in rows[:MOST_LISTED]]
    yield tag("table", *body, class_="x-table x-steps")
    if len(rows) > MOST_LISTED:
        yield tag("div", f"and {len(rows) - MOST_LISTED:,} more", class_="x-caption")


def _described(graph: Graph, index: int) -> str:
    inputs = ", ".join(graph.ids[i] for i in graph.inputs[index])
    line = f", line {graph.lines[index]}" if graph.lines[index] else ""
    return f"{graph.ids[index]} = {graph.ops[index]}({inputs}){line}" if inputs else f"{graph.ids[index]}{line}"


def _figures(*pairs: tuple[str, str]) -> Markup:
    cells = [tag("div", tag("div", label, class_="x-caption"), tag("b", figure)) for label, figure in pairs]
    return tag("div", *cells, class_="x-thirds")
