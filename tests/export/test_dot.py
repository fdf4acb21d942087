from __future__ import annotations

import re
from dataclasses import replace

import pygraphviz
import pytest

import explorer
from explorer.export import to_dot
from explorer.run import Run
from tests.export.graphs import every, two_paths

RUNS = every()


def parsed(dot: str) -> pygraphviz.AGraph:
    return pygraphviz.AGraph(string=dot)


def words(label: str) -> str:
    """What a reader sees of an HTML-like label."""
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", label)).strip()


@pytest.mark.parametrize("name", RUNS)
def test_graphviz_reads_every_edge_back(name: str) -> None:
    run = RUNS[name]
    graph = parsed(to_dot(run))
    assert sorted(graph.nodes()) == sorted(run.graph.ids)
    assert sorted(graph.edges()) == sorted((edge.source, edge.target) for edge in run.graph.edges)


def test_a_square_has_two_edges() -> None:
    assert parsed(to_dot(RUNS["square"])).edges() == [("x", "y"), ("x", "y")]


def test_labels_hold_values_gradients_and_contributions() -> None:
    graph = parsed(to_dot(two_paths()))
    assert words(graph.get_node("b").attr["label"]) == "b input value 1 ∂e/∂b 5"
    assert words(graph.get_node("d").attr["label"]) == "d add, line 4 value 2 ∂e/∂d 3"
    assert words(graph.get_edge("b", "c").attr["label"]) == "∂c/∂b = 1 + 2"
    assert words(graph.get_edge("b", "d").attr["label"]) == "∂d/∂b = 1 + 3"


def test_equal_runs_give_equal_text() -> None:
    assert to_dot(two_paths()) == to_dot(two_paths())


@pytest.mark.parametrize("name", ["<b>x</b>", 'say "x"', "back\\slash\\N", "a:b", "node", "line\nbreak", "\x00", "<x>"])
def test_a_name_is_data(name: str) -> None:
    graph = two_paths().graph
    names = [name, *graph.names[1:]]
    run = Run(replace(graph, names=names), two_paths().values)
    read = parsed(to_dot(run))
    assert len(read.nodes()) == len(graph) and len(read.edges()) == len(graph.edges)
    read.layout("dot")  # Graphviz parses HTML-like labels only now.
    assert all(node.attr["pos"] for node in read.nodes())


def test_graphviz_draws_it() -> None:
    drawing = parsed(to_dot(explorer.trace("y = (a-b)*(a+b)", a=3.0, b=2.0))).draw(format="svg", prog="dot")
    assert b"<svg" in drawing and "∂y/∂a".encode() in drawing
