"""What can run side by side: levels, the critical path, and a timeline of several workers.

Costs are per node, in any unit; without them every operation costs 1 and a leaf nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.errors import RunError
from explorer.execute import levels
from explorer.graph import LEAVES, Graph


@dataclass(frozen=True, slots=True)
class Task:
    """One node on one worker, from ``start`` to ``end``."""

    node: int
    worker: int
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """Who computes what when; nodes that cost nothing are nobody's.

    ``work`` is the cost of all nodes, ``critical`` that of the longest path.
    ``bound`` is the speed-up that no schedule on so many workers exceeds: work / max(critical, work / workers).
    """

    workers: int
    tasks: Sequence[Task]
    work: float
    critical: float

    @property
    def length(self) -> float:
        """When the last node is done."""
        return max([task.end for task in self.tasks], default=0.0)

    @property
    def speedup(self) -> float:
        """How much faster than one worker; 1 where there is nothing to do."""
        return self.work / self.length if self.length else 1.0

    @property
    def bound(self) -> float:
        least = max(self.critical, self.work / self.workers)
        return self.work / least if least else 1.0


def generations(graph: Graph) -> list[list[int]]:
    """The nodes level by level; the nodes of one level need nothing of each other."""
    depth = levels(graph)
    found: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for index, level in enumerate(depth):
        found[level].append(index)
    return found


def critical_path(graph: Graph, costs: Mapping[int, float] | None = None) -> list[int]:
    """The longest path by cost, in execution order: no number of workers is faster than it."""
    ahead = _ahead(graph, _costs(graph, costs))
    starts = [i for i, ports in enumerate(graph.inputs) if not ports]
    path = [max(starts, key=ahead.__getitem__)] if starts else []
    while path and graph.consumers[path[-1]]:
        path.append(max((target for target, _ in graph.consumers[path[-1]]), key=ahead.__getitem__))
    return path


def schedule(graph: Graph, workers: int, costs: Mapping[int, float] | None = None) -> Timeline:
    """List scheduling: whoever is free takes, of the nodes whose inputs are there, the one with most work behind it.

    At most 2 - 1/workers times as long as the best schedule (Graham 1966); that one is NP-hard to find.
    Raises RunError without a worker.
    """
    if workers < 1:
        raise RunError(f"{workers} workers cannot compute anything; give at least 1.")
    cost = _costs(graph, costs)
    ahead = _ahead(graph, cost)
    return Timeline(workers, _Crew(graph, workers, cost, ahead).work(), sum(cost), max(ahead, default=0.0))


def _costs(graph: Graph, costs: Mapping[int, float] | None) -> list[float]:
    if costs is not None:
        return [float(costs.get(index, 0.0)) for index in range(len(graph))]
    return [0.0 if op in LEAVES else 1.0 for op in graph.ops]


def _ahead(graph: Graph, cost: Sequence[float]) -> list[float]:
    """Per node the cost of the most expensive path that begins at it."""
    ahead = list(cost)
    for index in range(len(graph) - 1, -1, -1):
        ahead[index] += max([ahead[target] for target, _ in graph.consumers[index]], default=0.0)
    return ahead


class _Crew:
    """Workers at a graph: ``ready`` nodes by the work behind them, ``running`` ones by when they end."""

    def __init__(self, graph: Graph, workers: int, cost: Sequence[float], ahead: Sequence[float]) -> None:
        self._graph, self._cost, self._ahead = graph, cost, ahead
        self._missing = [len(ports) for ports in graph.inputs]
        self._free = list(range(workers))
        self._ready: list[tuple[float, int]] = []
        self._running: list[tuple[float, int, int]] = []
        self._offer([i for i, count in enumerate(self._missing) if not count])

    def work(self) -> list[Task]:
        """Everything, in the order in which it is started."""
        tasks: list[Task] = []
        now = 0.0
        while self._ready or self._running:
            while self._ready and self._free:
                tasks.append(self._start(now))
            now = self._running[0][0]
            while self._running and self._running[0][0] == now:
                self._finish()
        return tasks

    def _start(self, now: float) -> Task:
        node, worker = heapq.heappop(self._ready)[1], heapq.heappop(self._free)
        heapq.heappush(self._running, (now + self._cost[node], node, worker))
        return Task(node, worker, now, now + self._cost[node])

    def _finish(self) -> None:
        _, node, worker = heapq.heappop(self._running)
        heapq.heappush(self._free, worker)
        self._offer(self._after(node))

    def _offer(self, nodes: list[int]) -> None:
        """Nodes whose inputs are there: what costs nothing is done at once, by nobody."""
        while nodes:
            node = nodes.pop()
            if self._cost[node]:
                heapq.heappush(self._ready, (-self._ahead[node], node))
            else:
                nodes += self._after(node)

    def _after(self, node: int) -> list[int]:
        """The nodes that waited for this one last."""
        targets = [target for target, _ in self._graph.consumers[node]]
        for target in targets:
            self._missing[target] -= 1
        return [target for target in dict.fromkeys(targets) if not self._missing[target]]
