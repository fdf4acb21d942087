"""One program run as it is read, and built once: what each of them did over the runs so far. No Streamlit in here."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from explorer.capture.expression import Program
from explorer.capture.static import Built, Seen, build
from explorer.errors import ExplorerError
from explorer.graph import Graph
from explorer.run import Number
from explorer.ui.optimise.timed import timed

MOST = 200
"""So many runs are remembered."""

TIMED = 30
"""Each time is the median of so many runs."""


@dataclass(frozen=True, slots=True)
class Lap:
    """One run of both: the numbers it was given, the graph that was made anew, and which way the built one went."""

    given: Mapping[str, Number]
    graph: Graph
    values: Sequence[Number]
    seen: Seen
    changed: bool


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: of a run that makes its graph, of a run of the exported graph, and what its making took."""

    dynamic: float
    static: float
    export: float


@dataclass
class Watching:
    """``built`` is None where ``problem`` says why no graph can be built beforehand; ``seconds`` is what it took."""

    program: Program
    built: Built | None = None
    problem: ExplorerError | None = None
    seconds: float = 0.0
    laps: list[Lap] = field(default_factory=list)
    runs: int = 0
    times: Times | None = None
    refusal: ExplorerError | None = None

    def __post_init__(self) -> None:
        since = perf_counter()
        try:
            self.built = build(self.program)
        except ExplorerError as problem:
            self.problem = problem
        self.seconds = perf_counter() - since

    def lap(self, given: Mapping[str, Number]) -> Lap | None:
        """Run both on other numbers than the last; the last lap where they are the same. Raises what a run raises."""
        if self.built is None:
            return None
        if self.laps and _same(self.laps[-1].given, given):
            return self.laps[-1]
        graph, values = self.program.forward(given)
        seen = self.built.watch(given)
        changed = bool(self.laps) and _shape(graph) != _shape(self.laps[-1].graph)
        self.laps = [*self.laps, Lap(dict(given), graph, values, seen, changed)][-MOST:]
        self.runs += 1
        return self.laps[-1]

    @property
    def graphs(self) -> int:
        """How many different graphs the runs have made."""
        return len({_shape(lap.graph) for lap in self.laps})

    def measure(self) -> None:
        """Export what was built, and time both on the last numbers. ``refusal`` says why torch would not."""
        if self.built is None or not self.laps:
            return
        given = self.laps[-1].given
        since = perf_counter()
        try:
            module = self.built.export(given).module()
        except ExplorerError as problem:
            self.refusal = problem
            return
        seconds = perf_counter() - since
        arguments = self.built.arguments(given)
        self.times = Times(
            timed(lambda: self.program.forward(given), TIMED, "Timing the run as it is read"),
            timed(lambda: module(*arguments), TIMED, "Timing the exported graph"),
            seconds,
        )


def is_alike(one: Program, two: Program) -> bool:
    """Whether two programs are the same but for the numbers of their inputs, so that one graph serves both."""
    return list(one.inputs) == list(two.inputs) and _without_numbers(one) == _without_numbers(two)


def _without_numbers(program: Program) -> str:
    lines = []
    for statement in program.tree.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        name = target.id if isinstance(target, ast.Name) else ""
        found = program.inputs.get(name)
        is_input = found is not None and found.default is not None and found.line == statement.lineno
        lines.append(f"input {name}" if is_input else ast.dump(statement))
    return "\n".join(lines)


def _shape(graph: Graph) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """What makes two graphs the same: operations and how they are wired."""
    return tuple(graph.ops), tuple(map(tuple, graph.inputs))


def _same(one: Mapping[str, Number], two: Mapping[str, Number]) -> bool:
    return one.keys() == two.keys() and all(repr(one[name]) == repr(two[name]) for name in one)
