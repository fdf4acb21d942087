"""What is drawn: a run, or the same with groups closed, and the numbers of its second pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from explorer.graph import Graph
from explorer.ops.explain import GROUP
from explorer.passes.condense import Condensed
from explorer.run import Number, Run, Tangents, local_derivative


class Pass(NamedTuple):
    """The numbers of reverse or forward mode, by node, by edge number, and the nodes in order of work."""

    grads: Sequence[Number | None]
    contributions: Sequence[Number | None]
    order: Sequence[int]


@dataclass(frozen=True)
class Drawn:
    """``run`` has the nodes that are drawn, ``whole`` all; ``shows`` says which of its nodes a drawn one stands for."""

    run: Run
    whole: Run
    shows: Sequence[int]
    passed: Pass
    is_forward_mode: bool

    @property
    def graph(self) -> Graph:
        """Of the nodes that are drawn."""
        return self.run.graph

    def is_group(self, index: int) -> bool:
        """Whether a drawn node is a closed group."""
        return self.graph.ops[index] == GROUP

    def is_several(self, index: int) -> bool:
        """Whether a drawn node gave several results, none of which is its value; one that failed gave none."""
        return not self.graph.dtypes[index] and "failed" not in self.graph.attrs.get(index, {})

    def local(self, target: int, port: int) -> float | None:
        """d target / d source at ``port``, between single numbers only; a closed group has none."""
        whole, at = self.whole, self.shows[target]
        if self.is_group(target) or isinstance(whole.values[at], Tensor):
            return None
        if isinstance(whole.values[whole.graph.inputs[at][port]], Tensor):
            return None
        local = local_derivative(whole.graph, whole.values, at, port)
        return None if local is None else float(local)


def drawn(run: Run, tangents: Tangents | None, seen: Condensed | None) -> Drawn:
    """``run``, or as much of it as is ``seen``; with ``tangents`` in forward mode."""
    if seen is None:
        return Drawn(run, run, range(len(run.graph)), _pass(run, tangents), tangents is not None)
    if tangents is None:
        return Drawn(seen.run, run, seen.shows, _pass(seen.run, None), False)
    pushed = seen.push(tangents)
    passed = Pass(pushed.tangents, pushed.contributions, pushed.order)
    return Drawn(seen.run, run, seen.shows, passed, True)


def _pass(run: Run, tangents: Tangents | None) -> Pass:
    if tangents is not None:
        return Pass(tangents.tangents, tangents.contributions, tangents.order)
    return Pass(run.grads, run.contributions, run.backward.order)
