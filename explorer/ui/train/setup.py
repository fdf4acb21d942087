"""How a document is trained: what moves, by which rule, from where. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from explorer.errors import TrainingError
from explorer.run import Number, as_tensor
from explorer.training.fitted import Fitted, fitted, likely_parameters
from explorer.training.objective import Objective, Source
from explorer.training.optimisers import Rule
from explorer.training.start import seeded
from explorer.training.trainer import Clip
from explorer.ui.train.model import Trainable
from explorer.ui.view import View

RATES: Mapping[str, float] = {
    "sgd": 0.1,
    "momentum": 0.02,
    "nesterov": 0.02,
    "rmsprop": 0.01,
    "adam": 0.02,
    "adamw": 0.02,
}
"""Learning rates to start from: torch's own are for models of millions of numbers."""

MOST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Setup:
    """``parameters`` are the inputs that move, ``None`` for those that it is likely to be. ``seed`` draws the start,
    ``None`` takes the values that the program or the model has.
    """

    parameters: tuple[str, ...] | None = None
    maximise: bool = False
    rule: Rule = field(default_factory=lambda: Rule("sgd", {"lr": RATES["sgd"]}))
    clip: Clip | None = None
    forgets: bool = False
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """What a document gives to train: the source of runs, every value that could move, and the data to be fitted."""

    source: Source
    values: Mapping[str, Any]
    given: Fitted | None
    likely: tuple[str, ...]
    output: str | None
    model: Trainable | None = None


def material(view: View) -> Material:
    """Raises TrainingError for a run that came from outside, which cannot be run again."""
    if view.model is not None:
        model = Trainable(view.model)
        values = dict(model.inputs)
        return Material(model, values, None, tuple(values), None, model)
    if view.program is None:
        raise TrainingError(
            "A run that was opened from a script cannot be run again. Take a program or a model to train."
        )
    given = fitted(view.values)
    data = (given.points, given.targets) if given else ()
    likely = likely_parameters([name for name in view.values if name not in view.document.held], data)
    return Material(view.program, view.values, given, likely, view.document.output)


def chosen(found: Material, setup: Setup) -> tuple[str, ...]:
    """The names of the parameters; where none of those that were chosen is there any more, the likely ones."""
    kept = tuple(name for name in found.values if name in (setup.parameters or ()))
    return kept or found.likely


def start(found: Material, setup: Setup) -> dict[str, Number]:
    """Where the parameters start."""
    names = chosen(found, setup)
    given = {name: _number(found.values[name]) for name in names}
    if setup.seed is None:
        return given
    if found.model is not None:
        drawn = found.model.drawn(setup.seed)
        return {name: drawn[name] for name in names}
    return seeded({name: tuple(as_tensor(value).shape) for name, value in given.items()}, setup.seed)


def objective(found: Material, begin: Mapping[str, Number]) -> Objective:
    """What is minimised, from a start. Raises TrainingError where it cannot be."""
    if not begin:
        raise TrainingError("No input is trained. Choose at least one parameter.")
    data = {name: value for name, value in found.values.items() if name not in begin}
    return Objective(found.source, begin, data, found.output)


def _number(value: Any) -> Number:
    """Of a float, nested lists, or a tensor."""
    tensor = value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64)
    return tensor if tensor.ndim else float(tensor)
