"""Levels by networkx, schedules by their rules, the best schedule by trying all."""

from __future__ import annotations

from itertools import combinations, pairwise

import networkx as nx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import explorer
from explorer.errors import RunError
from explorer.graph import Graph
from explorer.passes.parallel import critical_path, generations, schedule
from tests.capture.test_random_programs import QUIET, scalar_programs
from tests.test_execute import trace

TREE = "y = (a * b + c * d) + (e * f + g * h)"
"""Seven operations; four, two, one in a level."""


def tree() -> Graph:
    return explorer.trace(TREE, inputs=dict.fromkeys("abcdefgh", 1.0)).graph


def shortest(graph: Graph, workers: int) -> int:
    """The length of the best schedule of unit operations, by breadth-first search over sets of finished nodes."""
    done = frozenset(i for i, ports in enumerate(graph.inputs) if not ports)
    states, length = {done}, 0
    while not any(len(state) == len(graph) for state in states):
        following = set()
        for state in states:
            ready = [i for i in range(len(graph)) if i not in state and state.issuperset(graph.inputs[i])]
            following |= {state.union(chosen) for chosen in _choices(ready, workers)}
        states, length = following, length + 1
    return length


def _choices(ready: list[int], workers: int) -> list[tuple[int, ...]]:
    return list(combinations(ready, min(workers, len(ready))))


@settings(QUIET, max_examples=300)
@given(scalar_programs())
def test_generations_are_networkx_topological_generations(program: tuple[str, dict[str, float]]) -> None:
    graph = trace(*program).graph
    expected = [set(ids) for ids in nx.topological_generations(graph.to_networkx())]
    assert [{graph.ids[i] for i in level} for level in generations(graph)] == expected


@settings(QUIET, max_examples=100)
@given(scalar_programs(), st.lists(st.integers(0, 5), min_size=1, max_size=10))
def test_the_critical_path_is_networkx_longest_path(program: tuple[str, dict[str, float]], costs: list[int]) -> None:
    graph = trace(*program).graph
    cost = {i: float(costs[i % len(costs)]) for i in range(len(graph))}
    path = critical_path(graph, cost)
    assert all(a in graph.inputs[b] for a, b in pairwise(path))
    edges = nx.DiGraph()
    edges.add_nodes_from(range(len(graph)))
    for target, ports in enumerate(graph.inputs):
        edges.add_weighted_edges_from((source, target, cost[target]) for source in ports)
        edges.add_edge("start", target, weight=cost[target])
    assert sum(cost[i] for i in path) == nx.dag_longest_path_length(edges)


@settings(QUIET, max_examples=200)
@given(scalar_programs(), st.integers(1, 5), st.lists(st.integers(0, 5), min_size=1, max_size=10))
def test_a_schedule_keeps_its_rules(program: tuple[str, dict[str, float]], workers: int, costs: list[int]) -> None:
    graph = trace(*program).graph
    line = schedule(graph, workers, {i: float(costs[i % len(costs)]) for i in range(len(graph))})
    tasks = {task.node: task for task in line.tasks}
    end = [0.0] * len(graph)
    for node, ports in enumerate(graph.inputs):
        ready = max([end[source] for source in ports], default=0.0)
        assert (node in tasks) == (costs[node % len(costs)] > 0)
        end[node] = tasks[node].end if node in tasks else ready
        assert node not in tasks or ready <= tasks[node].start == end[node] - costs[node % len(costs)]
    assert all(0 <= task.worker < workers for task in line.tasks)
    for worker in range(workers):
        own = sorted((t.start, t.end) for t in line.tasks if t.worker == worker)
        assert all(one[1] <= two[0] for one, two in pairwise(own))
    assert line.speedup <= line.bound <= workers
    assert line.length <= line.work / workers + line.critical * (1 - 1 / workers) + 1e-9


@settings(QUIET, max_examples=60)
@given(scalar_programs(), st.integers(1, 3))
def test_no_schedule_beats_the_bound(program: tuple[str, dict[str, float]], workers: int) -> None:
    graph = trace(*program).graph
    assume(sum(bool(ports) for ports in graph.inputs) <= 12)
    line, best = schedule(graph, workers), shortest(graph, workers)
    assert line.work / line.bound <= best <= line.length <= best * (2 - 1 / workers)


def test_a_tree_on_one_two_and_four_workers() -> None:
    assert [schedule(tree(), workers).length for workers in (1, 2, 4, 8)] == [7, 4, 3, 3]
    assert schedule(tree(), 4).speedup == pytest.approx(7 / 3)
    assert [len(level) for level in generations(tree())] == [8, 4, 2, 1]


def test_a_chain_gains_nothing() -> None:
    graph = explorer.trace("y = x\nfor i in range(50000):\n  y = sin(y)", x=1.0).graph
    line = schedule(graph, 8)
    assert line.speedup == line.bound == 1.0
    assert len(critical_path(graph)) == 50001


def test_costs_decide_which_path_is_critical() -> None:
    graph = explorer.trace("u = sin(a)\nv = a * b\ny = u + v", a=1.0, b=1.0).graph
    assert graph.find("v") in critical_path(graph, {graph.find("v"): 3.0, graph.find("u"): 2.0})
    assert graph.find("u") in critical_path(graph, {graph.find("v"): 2.0, graph.find("u"): 3.0})


def test_no_workers_is_refused() -> None:
    with pytest.raises(RunError, match="at least 1"):
        schedule(tree(), 0)
