"""The pictures of a run and of a built program hold what is in them: read back by Graphviz."""

from __future__ import annotations

import pygraphviz
import pytest

from explorer.capture.expression import Program
from explorer.capture.static import Built, build
from explorer.export.built import dynamic_dot, operations_of, static_dot

LEAF = "if x > 0:\n  y = x^2\nelse:\n  y = 0.1 * sin(x)"


def drawn(text: str, x: float) -> tuple[Built, pygraphviz.AGraph]:
    built = build(Program(text))
    return built, pygraphviz.AGraph(static_dot(built, built.watch({"x": x})))


def labels(graph: pygraphviz.AGraph) -> list[str]:
    return sorted(node.attr["label"] for node in graph.nodes() if node.attr["shape"] not in ("point", "diamond"))


def frames(graph: pygraphviz.AGraph) -> list[str]:
    return sorted(part.graph_attr["label"] for part in graph.subgraphs())


@pytest.mark.parametrize(("x", "taken"), [(2.0, "then"), (-2.0, "else")])
def test_both_sides_are_drawn_and_the_taken_one_says_so(x: float, taken: str) -> None:
    built, graph = drawn(LEAF, x)
    assert frames(graph) == sorted(f"{side}: {'' if side == taken else 'not '}taken" for side in ("then", "else"))
    assert labels(graph) == sorted(["x", "0", ">", "xⁿ y", "2", "0.1", "sin", "× y", "y"])
    assert sorted(operations_of(built)) == ["gt", "mul", "pow", "sin"]


def test_a_run_is_drawn_as_it_was() -> None:
    made, values = Program(LEAF).forward({"x": 2.0})
    graph = pygraphviz.AGraph(dynamic_dot(made, values))
    assert labels(graph) == sorted(["x", "0", "> v1", "2", "xⁿ y"]) and len(graph.edges()) == len(made.edges)
    assert not graph.subgraphs()


def test_a_loop_says_how_often_it_turned() -> None:
    _, graph = drawn("r = x\nwhile abs(r*r - x) > 0.000001:\n  r = (r + x / r) / 2", 2.0)
    assert frames(graph) == ["while: 4 turns"]
    back = [edge for edge in graph.edges() if edge.attr["label"] == "next turn"]
    assert [edge[1].attr["label"] for edge in back] == ["r, carried"]


def test_branches_in_a_side_that_was_not_taken_are_not_taken() -> None:
    _, graph = drawn("if x > 0:\n  y = x\nelse:\n  if x > -5:\n    y = 2 * x\n  else:\n    y = 3 * x", 1.0)
    inner = [part.graph_attr["label"] for outer in graph.subgraphs() for part in outer.subgraphs()]
    assert sorted(inner) == ["else: not taken", "then: not taken"]
