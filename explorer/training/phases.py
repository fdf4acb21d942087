"""One step looked at phase by phase: what zero_grad, forward, backward and update did to every parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.errors import TrainingError
from explorer.run import Number
from explorer.training.flat import Layout
from explorer.training.replay import Gradient
from explorer.training.trainer import Moment, Trainer, arrived

PHASES = ("zero_grad", "forward", "backward", "update")
"""In the order in which they happen."""


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter in one step; ``None`` where there is no gradient.

    zero_grad    finds ``before`` in ``.grad``, and takes it away unless it was forgotten
    backward     brings ``gradient``, which leaves ``summed`` in ``.grad``
    update       takes ``used``, which clipping may have made smaller, and makes ``new`` of ``old``; the optimiser
                 then remembers ``state``
    """

    name: str
    before: Number | None
    gradient: Number | None
    summed: Number | None
    used: Number | None
    old: Number
    new: Number
    state: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Step:
    """Everything that led from moment ``number - 1`` to moment ``number``; ``loss`` is what its forward gave."""

    number: int
    loss: float
    forgot: bool
    changes: tuple[Change, ...]


def phases(trainer: Trainer, number: int) -> Step:
    """The step that led to a moment of the history. Raises TrainingError where there is none."""
    if not 1 <= number < len(trainer.moments):
        raise TrainingError(f"There is no step {number}: steps are counted from 1 to {trainer.now.step}.")
    layout = trainer.objective.layout
    start, end = trainer.moments[number - 1], trainer.moments[number]
    summed = _by_name(arrived(start.used if end.forgot else None, start.gradient, layout), layout)
    before, gradient, used = (_by_name(g, layout) for g in (start.used, start.gradient, end.used))
    old, new, state = layout.unpack(start.values), layout.unpack(end.values), _states(end, layout)
    changes = tuple(
        Change(name, before[name], gradient[name], summed[name], used[name], old[name], new[name], state[name])
        for name in layout.names
    )
    return Step(number, start.loss, end.forgot, changes)


def _by_name(gradient: Gradient, layout: Layout) -> dict[str, Number | None]:
    numbers = layout.unpack(gradient.numbers)
    return {name: numbers[name] if there else None for name, there in zip(layout.names, gradient.present, strict=True)}


def _states(moment: Moment, layout: Layout) -> dict[str, dict[str, Number]]:
    found: dict[str, dict[str, Number]] = {name: {} for name in layout.names}
    for what, packed in moment.state.items():
        for name, part in zip(layout.names, packed.parts(), strict=True):
            if part is not None:
                found[name][what] = part if part.ndim else float(part)
    return found
