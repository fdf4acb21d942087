"""A graph that runs again gives what a trace of the same program gives, bit for bit."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
import torch
from hypothesis import given, settings

import explorer
from explorer.errors import RunError
from explorer.execute import again, downstream, execute, forward, holds, leaves, levels, upstream
from tests.capture.test_random_programs import QUIET, same, scalar_programs, tensor_programs


def trace(text: str, inputs: dict[str, Any]) -> explorer.Run:
    wanted = explorer.Program(text).inputs
    return explorer.trace(text, inputs={name: value for name, value in inputs.items() if name in wanted})


def assert_same_run(one: explorer.Run, two: explorer.Run) -> None:
    for mine, theirs in [(one.values, two.values), (one.grads, two.grads), (one.contributions, two.contributions)]:
        for a, b in zip(mine, theirs, strict=True):
            assert (a is None) == (b is None)
            assert a is None or b is None or (type(a) is type(b) and same(a, b))


@settings(QUIET, max_examples=100)
@given(scalar_programs())
def test_scalar_programs_run_again(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    assert_same_run(execute(run.graph, leaves(run)), run)


@settings(QUIET, max_examples=50)
@given(tensor_programs())
def test_tensor_programs_run_again(program: tuple[str, dict[str, Any]]) -> None:
    run = trace(*program)
    assert_same_run(execute(run.graph, leaves(run)), run)


@settings(QUIET, max_examples=50)
@given(scalar_programs())
def test_other_inputs_give_what_a_trace_of_them_gives(program: tuple[str, dict[str, float]]) -> None:
    text, inputs = program
    run, other = trace(text, inputs), trace(text, {name: value + 0.5 for name, value in inputs.items()})
    assert_same_run(execute(run.graph, leaves(other)), other)


@settings(QUIET, max_examples=100)
@given(scalar_programs())
def test_levels_are_the_topological_generations(program: tuple[str, dict[str, float]]) -> None:
    graph = trace(*program).graph
    generations = nx.topological_generations(graph.to_networkx())
    level = levels(graph)
    for depth, ids in enumerate(generations):
        assert {graph.ids[i] for i in range(len(graph)) if level[i] == depth} == set(ids)


@settings(QUIET, max_examples=50)
@given(scalar_programs())
def test_upstream_and_downstream_are_ancestors_and_descendants(program: tuple[str, dict[str, float]]) -> None:
    graph = trace(*program).graph
    drawn = graph.to_networkx()
    for index, id_ in enumerate(graph.ids):
        assert {graph.ids[i] for i in upstream(graph, index)} == nx.ancestors(drawn, id_) | {id_}
        assert {graph.ids[i] for i in downstream(graph, [index])} == nx.descendants(drawn, id_) | {id_}


def test_only_what_is_wanted_is_computed() -> None:
    run = explorer.trace("u = a * 2\nv = log(b)\ny = u + v", a=3.0, b=2.0)
    index = {id_: i for i, id_ in enumerate(run.graph.ids)}
    values = forward(run.graph, leaves(run), index["u"])
    assert values[index["u"]] == 6.0
    assert values[index["v"]] is None


def test_a_node_between_can_be_given_and_its_inputs_are_not_asked_for() -> None:
    run = explorer.trace("u = a * 2\ny = u + 1", a=3.0)
    index = {id_: i for i, id_ in enumerate(run.graph.ids)}
    assert again(run, {index["u"]: 10.0}, index["y"]) == 11.0


def test_a_batch_of_another_size_goes_through() -> None:
    text = "X = [[1, 2], [3, 4]]\nw = [1, -1]\nt = [0, 1]\np = sigmoid(X @ w)\nL = mse(p, t)"
    run = explorer.trace(text)
    X, p = run.graph.find("X"), run.graph.find("p")
    grid = torch.randn(7, 2, dtype=torch.float64)
    assert torch.equal(again(run, {X: grid}, p), torch.sigmoid(grid @ torch.tensor([1.0, -1.0], dtype=torch.float64)))


@pytest.mark.parametrize(
    ("text", "here", "same_way", "other_way"),
    [
        ("if x > 0:\n  y = x * 2\nelse:\n  y = x - 1", 1.0, 2.0, -1.0),
        ("y = x\nwhile y > 1:\n  y = y / 2", 3.0, 3.5, 5.0),
        ("y = 0\nfor i in range(x):\n  y = y + x", 3.0, 3.0, 4.0),
        ("v = [1, 2, 3]\ny = v[x] * x", 1.0, 1.0, 2.0),
        ("y = x * 2 if x else x + 1", 1.0, -3.0, 0.0),
        ("if x > 0 and x < 5:\n  y = x\nelse:\n  y = -x", 1.0, 4.0, 6.0),
    ],
)
def test_decisions_tell_when_the_graph_would_be_another(
    text: str, here: float, same_way: float, other_way: float
) -> None:
    graph = explorer.trace(text, x=here).graph
    x = graph.find("x")
    for value, expected in [(here, True), (same_way, True), (other_way, False)]:
        first = leaves(explorer.trace(text, x=here))
        assert holds(graph, forward(graph, {**first, x: value})) is expected


def test_a_leaf_without_a_value_is_named() -> None:
    with pytest.raises(RunError, match="'a' has no value"):
        execute(explorer.trace("y = a * 2", a=1.0).graph, {})


def test_shapes_that_do_not_fit_are_named() -> None:
    run = explorer.trace("y = sum(a * b)", a=[1, 2], b=[3, 4])
    with pytest.raises(RunError, match=r"shapes \[3\] and \[2\]"):
        execute(run.graph, {**leaves(run), run.graph.find("a"): torch.ones(3, dtype=torch.float64)})


def test_a_hundred_thousand_nodes_run_again() -> None:
    run = explorer.trace("y = x\nfor i in range(100000):\n  y = y + x", x=1.0)
    assert execute(run.graph, leaves(run)).grad("x") == 100001.0
    assert max(levels(run.graph)) == 100000
