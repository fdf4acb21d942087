"""What is minimised: one number that a program computes, as a function of some of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

import torch

from explorer.errors import TrainingError
from explorer.run import Number, Run
from explorer.training.flat import Layout
from explorer.training.replay import Evaluation, Replay, leaves_by_name, replay
from explorer.training.rules import Column


class Source(Protocol):
    """What makes runs: a program of the language, or a model that was made to look like one."""

    @property
    def inputs(self) -> Mapping[str, Any]: ...
    def run(self, given: Mapping[str, Any], requires_grad: Mapping[str, bool]) -> Run: ...


class Objective:
    """A program with its data; ``start`` names the parameters and gives the values that they start from.

    The program is traced once and then replayed, with the bits of a trace; where its control flow would go another
    way, it is traced again. ``output`` is the node to minimise, default the result. Raises TrainingError where that
    is not one number or no parameter moves it, and what a trace raises.
    """

    def __init__(
        self,
        source: Source,
        start: Mapping[str, Number],
        data: Mapping[str, Any] | None = None,
        output: str | None = None,
    ) -> None:
        self._source, self._data, self._output = source, dict(data or {}), output
        self.layout, self.names, self.traces = Layout.of(start), tuple(start), 0
        self._frozen = {name: False for name in source.inputs if name not in start}
        run = self._trace(self.layout.pack(start))
        self.layout = replace(self.layout, dtype=_dtype(run, self.names))
        self.start = self.layout.pack(start)
        self._replay = self._ready(run, self.start)
        self._must_be_reached()

    def loss(self, numbers: Column) -> float:
        """What is minimised, at these parameters; without a gradient."""
        return self._fed(numbers).loss()

    def at(self, numbers: Column) -> Evaluation:
        """What is minimised, and its gradient."""
        return self._fed(numbers).evaluation()

    def run(self, numbers: Column) -> Run:
        """The whole run at these parameters: the graph shows them as parameters, all else without a gradient."""
        return self._fed(numbers).run()

    def _fed(self, numbers: Column) -> Replay:
        if not self._replay.feed(numbers):
            self._replay = self._ready(self._trace(numbers), numbers)
        return self._replay

    def _ready(self, run: Run, numbers: Column) -> Replay:
        fresh = replay(run, self.layout, numbers)
        fresh.feed(numbers)
        return fresh

    def _trace(self, numbers: Column) -> Run:
        self.traces += 1
        run = self._source.run({**self._data, **self.layout.unpack(numbers)}, self._frozen)
        if self._output is not None:
            run = run.differentiate(self._output)
        shape = run.graph.shapes[run.backward.output]
        if shape:
            raise TrainingError(
                f"{run.output!r} has shape {list(shape)}, and only one number can be minimised. "
                "Choose a loss, for example sum(...), mean(...) or mse(prediction, target)."
            )
        return _with_parameters(run, self.names)

    def _must_be_reached(self) -> None:
        if not any(self._replay.evaluation().gradient.present):
            named = ", ".join(self.names) or "none were chosen"
            raise TrainingError(
                f"No parameter moves what is minimised (the parameters: {named}). Choose an input that it depends on."
            )


def _dtype(run: Run, names: tuple[str, ...]) -> torch.dtype:
    """The one type that the parameters are computed in."""
    nodes = leaves_by_name(run.graph)
    kinds = sorted({run.graph.dtypes[nodes[name]] for name in names if name in nodes})
    if len(kinds) > 1:
        raise TrainingError(f"The parameters are of types {' and '.join(kinds)}; give all of them one type.")
    found: torch.dtype = getattr(torch, kinds[0]) if kinds else torch.float64
    return found


def _with_parameters(run: Run, names: tuple[str, ...]) -> Run:
    """The run with its trained inputs marked as parameters."""
    trained = [i for name, i in leaves_by_name(run.graph).items() if name in names]
    if all(run.graph.ops[i] == "parameter" for i in trained):
        return run
    ops = list(run.graph.ops)
    for index in trained:
        ops[index] = "parameter"
    return Run(replace(run.graph, ops=ops), run.values, run.backward)
