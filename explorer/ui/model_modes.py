"""Of a model: one derivative by both modes, and the paths that bring most to it, worked out when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import log10

import streamlit as st

from explorer.errors import ExplorerError
from explorer.export.labels import symbol
from explorer.graph import Edge, Graph
from explorer.passes.both import Both, both
from explorer.passes.heaviest import Heaviest, Way, heaviest
from explorer.passes.paths import ways
from explorer.run import Run
from explorer.ui.curve import entry
from explorer.ui.html import Markup, tag
from explorer.ui.lit import is_lit, light
from explorer.ui.numbers import short
from explorer.ui.session import Session
from explorer.ui.widgets import paged, showing
from explorer.ui.working import working

PAGE = 8
END = "end of paths"
MOST_ENDS = 400
LONG = 10**15
ROUNDED = 1e-3
"""Numbers of 32 bits that come about in two ways agree within this share of them."""

KEPT = "modes of a model"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was worked out last, and of what: the very run, the node, and the entry or the end of the paths."""

    run: Run
    index: int
    about: object
    found: Both | Heaviest | str


def draw(session: Session, index: int, name: str) -> None:
    """The derivative first, then the paths."""
    run = session.view.run
    _both(run, index, name)
    _heaviest(session, run, index, name)


def both_ways(run: Run, name: str, found: Both) -> Markup:
    """The same derivative in reverse and forward, with what is between them."""
    entry_ = name + ("[" + ", ".join(map(str, found.place)) + "]" if found.place else "")
    output = symbol(run, run.backward.output)
    cells = (
        (f"∂{run.objective or output}/∂{entry_} in reverse", short(found.reverse)),
        (f"forward from {entry_}", short(found.forward)),
        ("difference", "—" if found.forward is None else short(abs(found.forward - found.reverse))),
    )
    columns = [tag("div", tag("div", label, class_="x-caption"), tag("b", figure)) for label, figure in cells]
    return tag("div", *columns, class_="x-thirds")


def counted(number: int) -> str:
    """``8 paths``, or of very many the power of ten."""
    if number < LONG:
        return f"{number:,} path{'s' * (number != 1)}"
    return f"some 10^{int(number.bit_length() * log10(2))} paths"


def _both(run: Run, index: int, name: str) -> None:
    st.html(tag("div", "The same derivative both ways", class_="x-section"))
    gradient = run.grad(index)
    assert gradient is not None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = entry(run.graph.ids[index], gradient, "both")
        go = st.button("Go forward", key="go forward", help=FORWARD)
    if go:
        _work(run, index, place, "both", lambda: both(run, index, place))
    found = _known(run, index, place, "both")
    if isinstance(found, Both):
        st.html(both_ways(run, name, found))
    elif found:
        st.html(tag("div", str(found), class_="x-caption x-error"))


FORWARD = (
    "One pass of forward mode, by torch's dual numbers: the tangent of every operation as this one entry moves. "
    "Reverse mode had this derivative, and all others, from its one pass."
)


def _heaviest(session: Session, run: Run, index: int, name: str) -> None:
    reach = ways(run, index)
    output = run.backward.output
    count = tag("span", f"{counted(reach[output])} in all", class_="x-quiet")
    st.html(tag("div", "Sum over paths", count, class_="x-section"))
    ends = _ends(run.graph, reach, index, output, run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kept = st.session_state.get(END)
        shown = showing("paths to", kept if kept in ends else ends[0], _keep_end, among=ends)
        end = st.selectbox("Paths to", **shown, width=300, help=f"From {name}, to the output or to a node before it.")
        go = st.button("List the heaviest", key="list heaviest", help=HEAVIEST)
    last = run.graph.index[end]
    if go:
        _work(run, index, last, "paths", lambda: heaviest(run, index, last))
    found = _known(run, index, last, "paths")
    if isinstance(found, Heaviest):
        _listed(session, run, found, name, end)
    elif found:
        st.html(tag("div", str(found), class_="x-caption x-error"))
    else:
        words = "Reverse mode takes every edge once and never lists the paths. Here some can be followed one by one."
        st.html(tag("div", words, class_="x-caption"))


def _keep_end(name: str) -> None:
    st.session_state[END] = name


HEAVIEST = (
    "Every path is a chain of vector-Jacobian products of its own. All are followed side by side; where there are more "
    "than 24, those with the largest norms so far go on."
)


def _ends(graph: Graph, reach: list[int], index: int, output: int, run: Run) -> list[str]:
    """The output, then what lies before it, the last first."""
    between = [i for i in range(output, index, -1) if reach[i] and run.grads[i] is not None and graph.dtypes[i]]
    return [graph.ids[i] for i in dict.fromkeys([output, *between[:MOST_ENDS]])]


def _listed(session: Session, run: Run, found: Heaviest, name: str, end: str) -> None:
    places, choose = paged("heaviest", len(found.listed), PAGE)
    for place in places:
        _row(session, place, found.listed[place])
    choose()
    st.html(tag("div", summed(run, found, name, end), class_="x-caption"))


def lighter(session: Session, place: int, edges: tuple[Edge, ...]) -> None:
    """A button that lights a path on the canvas, or puts it out."""
    lit = is_lit(session, edges)
    st.button(
        "Put out" if lit else "Light",
        key=f"light {place}",
        type="primary" if lit else "secondary",
        help="Show this path on the canvas.",
        on_click=partial(light, session, () if lit else edges),
    )


def _row(session: Session, place: int, way: Way) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"path-{place}"):
        lighter(session, place, way.edges)
        st.html(tag("b", f"{way.share:+.1%}".replace("-", "−")), width="content")
        words = f"norm {short(way.size)} over {len(way.edges):,} edges: {told(way)}"
        st.html(tag("span", words, class_="x-caption"), width="content")


def told(way: Way) -> str:
    """The operations on the way in a line, its middle left out."""
    ids = [way.edges[0].source, *(edge.target for edge in way.edges)] if way.edges else []
    return " → ".join(ids if len(ids) <= 9 else [*ids[:4], f"{len(ids) - 8} more", *ids[-4:]])


def summed(run: Run, found: Heaviest, name: str, end: str) -> str:
    """What the listed bring together, beside the gradient; of all of them that it is the same."""
    is_all = run.graph.index[end] == run.backward.output
    what = f"the gradient of {name}" if is_all else f"what of the gradient of {name} comes through {end}"
    share = sum(way.share for way in found.listed)
    if not found.is_complete:
        return (
            f"{len(found.listed):,} of {counted(found.count)} are listed; together they bring {share:.1%} of {what}. "
            f"All others together bring the rest, {short(found.rest)} of {short(found.gradient)}. Paths may cancel."
        )
    sizes = sum(way.size for way in found.listed)
    agrees = _norm(found.rest) <= ROUNDED * max(sizes, 1e-300)
    verdict = "✓ Their sum is" if agrees else "✗ Their sum is not"
    return f"{verdict} {what}, {short(found.gradient)}: the difference is {short(_norm(found.rest))}, from rounding."


def _norm(number: object) -> float:
    return float(number.norm()) if hasattr(number, "norm") else abs(float(number))  # type: ignore[arg-type]


def _work(run: Run, index: int, about: object, what: str, act) -> None:  # type: ignore[no-untyped-def]
    """In sight; what cannot be done is said where it was asked for."""
    with working("At work …", what):
        try:
            found = act()
        except ExplorerError as problem:
            found = str(problem)
    st.session_state[f"{KEPT} {what}"] = Asked(run, index, about, found)


def _known(run: Run, index: int, about: object, what: str) -> Both | Heaviest | str:
    asked = st.session_state.get(f"{KEPT} {what}")
    if isinstance(asked, Asked) and asked.run is run and (asked.index, asked.about) == (index, about):
        return asked.found
    return ""
