"""The check without calculus: move one number a little and see how far the output moves."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from explorer.errors import RunError
from explorer.execute import again, known
from explorer.run import Number, Run, as_tensor


@dataclass(frozen=True, slots=True)
class Nudge:
    """``after`` is the output once ``step`` was added to one element; ``slope`` is rise over run.

    For an output with a shape, ``before`` and ``after`` are its sum weighted with the upstream gradient, which
    is the number that reverse mode differentiates.
    """

    place: tuple[int, ...]
    step: float
    moved: float
    before: float
    after: float

    @property
    def slope(self) -> float:
        return (self.after - self.before) / self.step


def nudge(run: Run, key: str | int, step: float = 1e-3, place: tuple[int, ...] = ()) -> Nudge:
    """Add ``step`` to the element ``place`` of a node and execute what follows it again, branches as taken.

    Raises RunError where the node was not computed or is not made of numbers that can move.
    """
    index, output = run.graph.find(key), run.backward.output
    value = run.value(index)
    if value is None or not value.is_floating_point():
        raise RunError(f"{run.graph.ids[index]!r} cannot be moved a little: it is not a number.")
    moved = value.clone()
    moved[place] += step
    after = again(run, {index: moved.item() if moved.ndim == 0 else moved}, output)
    seed, before = run.upstream, known(run.values[output])
    return Nudge(place, step, float(moved[place]), _weighed(before, seed), _weighed(after, seed))


def _weighed(value: Number, seed: torch.Tensor) -> float:
    return float((as_tensor(value).to(seed.dtype) * seed).sum())
