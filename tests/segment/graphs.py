"""Small graphs for the tests of segments, and random ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from hypothesis import strategies as st

from explorer.graph import Graph


def graph(
    inputs: Sequence[Sequence[int]],
    kinds: Sequence[str] | None = None,
    shapes: Sequence[tuple[int, ...]] | None = None,
    dtypes: Sequence[str] | None = None,
    scopes: Sequence[tuple[str, ...]] | None = None,
) -> Graph:
    """A graph of which the structure and the sizes matter: nodes without sources are inputs, others stack theirs."""
    count = len(inputs)
    return Graph(
        ops=kinds or ["stack" if ports else "input" for ports in inputs],
        inputs=[tuple(ports) for ports in inputs],
        names=[""] * count,
        lines=[0] * count,
        scopes=scopes or [()] * count,
        shapes=shapes or [(1 + place % 5,) for place in range(count)],
        dtypes=dtypes or ["float32"] * count,
        requires_grad=[True] * count,
        outputs=(count - 1,) if count else (),
    ).check()


def random_inputs(random: Random, most: int, density: float | None = None) -> list[list[int]]:
    """The sources of each of 1 to ``most`` nodes; several readers of one value and several sinks are common."""
    chance = random.uniform(0.15, 0.7) if density is None else density
    return [[s for s in range(node) if random.random() < chance] for node in range(random.randint(1, most))]


def downward_closed(inputs: Sequence[Sequence[int]]) -> Iterator[frozenset[int]]:
    """Every set of nodes that holds the sources of all its members, by looking at all sets."""
    count = len(inputs)
    for bits in range(1 << count):
        if all(not bits >> v & 1 or all(bits >> s & 1 for s in inputs[v]) for v in range(count)):
            yield frozenset(v for v in range(count) if bits >> v & 1)


@st.composite
def dags(draw: st.DrawFn, most: int = 14) -> Graph:
    """Any graph: leaves, repeated sources, long edges, several components."""
    inputs: list[list[int]] = []
    for node in range(draw(st.integers(2, most))):
        inputs.append(draw(st.lists(st.integers(0, node - 1), max_size=3)) if node else [])
    return graph(inputs)
