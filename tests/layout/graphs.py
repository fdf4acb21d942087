"""Small graphs for the tests of the layout."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from explorer.graph import Graph
from explorer.layout import Box, Direction


def graph(inputs: Sequence[Sequence[int]], scopes: Sequence[tuple[str, ...]] | None = None) -> Graph:
    """A graph of which only the structure matters: per node its sources, which come before it."""
    count = len(inputs)
    return Graph(
        ops=["stack" if ports else "input" for ports in inputs],
        inputs=[tuple(ports) for ports in inputs],
        names=[""] * count,
        lines=[0] * count,
        scopes=scopes or [()] * count,
        shapes=[()] * count,
        dtypes=["float64"] * count,
        requires_grad=[True] * count,
        outputs=(count - 1,) if count else (),
    ).check()


def cards(of: Graph, direction: Direction) -> list[Box]:
    """Cards as the canvas draws them: 152 by 74, with ports spread over the side."""
    side = 46.0 if direction == "lr" else 152.0
    return [
        Box(152, 74, tuple(side * (port + 1) / (len(ports) + 1) for port in range(len(ports))), side / 2)
        for ports in of.inputs
    ]


@st.composite
def graphs(draw: st.DrawFn, most: int = 24) -> Graph:
    """Any acyclic graph: leaves, repeated sources, long edges, several components, nodes without an edge."""
    reach = draw(st.integers(1, most))
    inputs: list[list[int]] = []
    for node in range(draw(st.integers(0, most))):
        sources = st.integers(max(0, node - reach), node - 1) if node else st.nothing()
        inputs.append(draw(st.lists(sources, max_size=3)) if node else [])
    return graph(inputs)


@st.composite
def scoped_graphs(draw: st.DrawFn, most: int = 24) -> Graph:
    """The same with any scopes, also such that values leave a scope and enter it again."""
    drawn = draw(graphs(most))
    scope = st.lists(st.sampled_from("ab"), max_size=3).map(tuple)
    if draw(st.booleans()):  # scopes that nodes stay in for a while, as those of programs
        turns = draw(st.lists(scope, min_size=1, max_size=8))
        return graph(drawn.inputs, [turns[node * len(turns) // len(drawn)] for node in range(len(drawn))])
    return graph(drawn.inputs, draw(st.lists(scope, min_size=len(drawn), max_size=len(drawn))))


@st.composite
def boxes(draw: st.DrawFn, of: Graph, direction: Direction, free: bool = False) -> list[Box]:
    """Boxes of any size, with ports anywhere on their sides, or, where ``free``, some without given ports."""
    found = []
    for ports in of.inputs:
        width, height = draw(st.integers(8, 300)), draw(st.integers(8, 300))
        offset = st.floats(1, (height if direction == "lr" else width) - 1)
        given = not free or draw(st.booleans())
        ins = draw(st.lists(offset, min_size=len(ports), max_size=len(ports))) if given else []
        if draw(st.booleans()):  # what comes from one source arrives at one place
            ins = [ins[ports.index(source)] for source in ports] if ins else []
        found.append(Box(width, height, tuple(ins), draw(offset)))
    return found
