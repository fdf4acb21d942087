"""Paths by brute force with networkx, their sum against the gradient of reverse mode."""

from __future__ import annotations

import math
from typing import Any

import networkx as nx
import pytest
import torch
from hypothesis import assume, given, settings

import explorer
from explorer.graph import Graph
from explorer.passes.paths import count, paths
from explorer.run import Run
from tests.capture.test_random_programs import QUIET, scalar_programs, tensor_programs
from tests.test_execute import trace


def flowing(run: Run) -> nx.MultiDiGraph:
    """The edges that a gradient went back on."""
    graph: Graph = run.graph
    out = nx.MultiDiGraph()
    out.add_nodes_from(graph.ids)
    for number, edge in enumerate(graph.edges):
        if run.contributions[number] is not None:
            out.add_edge(edge.source, edge.target, key=edge.port)
    return out


def brute_force(run: Run, source: str) -> set[tuple[tuple[str, str, int], ...]]:
    if source == run.output:
        return {()} if run.grad(source) is not None else set()
    return {tuple(path) for path in nx.all_simple_edge_paths(flowing(run), source, run.output)}


@settings(QUIET, max_examples=300)
@given(scalar_programs())
def test_all_paths_of_a_scalar_program(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    for name in explorer.Program(program[0]).inputs:
        assume(count(run, name) < 3000)
        found = paths(run, name, most=3000)
        walked = {tuple((edge.target, edge.source, edge.port) for edge in path.edges) for path in found.listed}
        expected = {tuple((b, a, port) for a, b, port in path) for path in brute_force(run, name)}
        assert walked == expected and len(found.listed) == found.count == count(run, name)
        assert_sum(run, name, found)


def assert_sum(run: Run, name: str, found: Any) -> None:
    gradient = run.grad(name)
    if gradient is None:
        assert found.total is None
        return
    products = torch.stack([torch.as_tensor(path.product, dtype=torch.float64) for path in found.listed])
    assume(bool(products.isfinite().all()) and bool(gradient.isfinite().all()))
    scale = products.abs().sum(0)
    assert bool(((torch.as_tensor(found.total, dtype=torch.float64) - gradient).abs() <= 1e-12 * scale).all())


@settings(QUIET, max_examples=100)
@given(scalar_programs())
def test_a_product_is_that_of_its_local_derivatives(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    for path in paths(run, "a" if "a" in explorer.Program(program[0]).inputs else 0, most=50).listed:
        product = math.prod([float(local) for local in path.locals], start=float(run.upstream))
        if math.isfinite(product) and math.isfinite(path.product) and 1e-300 < abs(product) < 1e300:
            assert path.product == pytest.approx(product, rel=1e-12, abs=1e-280)


@settings(QUIET, max_examples=150)
@given(tensor_programs())
def test_paths_of_tensor_programs_add_up_to_the_gradient(program: tuple[str, dict[str, Any]]) -> None:
    run = trace(*program)
    for name in explorer.Program(program[0]).inputs:
        found = paths(run, name)
        if found.is_complete:
            assert len(brute_force(run, name)) == found.count
            assert_sum(run, name, found)


def test_the_two_paths_of_the_golden_example() -> None:
    """e = (a + b)(b + 1) at a = 2, b = 1: 1 x 2 over the sum, 1 x 3 over the other factor."""
    found = paths(explorer.trace("e = (a+b)*(b+1)", a=2.0, b=1.0), "b")
    assert [(path.locals, path.product) for path in found.listed] == [((1.0, 2.0), 2.0), ((1.0, 3.0), 3.0)]
    assert found.total == 5 and found.is_complete


def test_more_paths_than_atoms_are_counted_and_not_listed() -> None:
    run = explorer.trace("y = x\nfor i in range(300):\n  y = y + y", x=1.0)
    found = paths(run, "x", most=10)
    assert found.count == 2**300 == int(run.grad("x"))
    assert len(found.listed) == 10 and not found.is_complete


def test_a_path_of_fifty_thousand_edges() -> None:
    found = paths(explorer.trace("y = x\nfor i in range(50000):\n  y = -y", x=1.0), "x")
    assert found.count == 1 and len(found.listed[0].edges) == 50000 and found.total == 1.0


def test_a_comparison_is_no_path() -> None:
    run = explorer.trace("y = where(a > 1, b, a * a)", a=2.0, b=3.0)
    assert count(run, "a") == 2
    assert paths(run, "a").total == 0


def test_no_path_has_no_sum() -> None:
    found = paths(explorer.trace("u = a * 2\ny = b", a=2.0, b=3.0), "a")
    assert (found.count, found.listed, found.total, found.is_complete) == (0, (), None, True)
