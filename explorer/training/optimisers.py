"""The optimisers of torch.optim that are offered, with the settings that a student turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from explorer.errors import TrainingError


@dataclass(frozen=True, slots=True)
class Setting:
    """A number that may lie from ``low`` to ``high``; ``below`` excludes ``high`` itself."""

    name: str
    label: str
    default: float
    low: float = 0.0
    high: float = math.inf
    below: bool = False


@dataclass(frozen=True, slots=True)
class Optimiser:
    """One entry of the table. ``make`` takes parameters and settings as keywords."""

    name: str
    label: str
    make: Callable[..., torch.optim.Optimizer]
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class Rule:
    """An optimiser by name, with those settings that differ from its defaults (torch's own).

    Raises TrainingError for names that are unknown and numbers out of range.
    """

    name: str
    settings: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in OPTIMISERS:
            raise TrainingError(f"There is no optimiser {self.name!r}. There are {', '.join(OPTIMISERS)}.")
        known = {setting.name: setting for setting in OPTIMISERS[self.name].settings}
        for name, value in self.settings.items():
            if name not in known:
                raise TrainingError(f"{self.name} has no setting {name!r}. It has {', '.join(known)}.")
            _check(known[name], value)

    @property
    def all_settings(self) -> dict[str, float]:
        """Every setting, defaults included."""
        return {s.name: float(self.settings.get(s.name, s.default)) for s in OPTIMISERS[self.name].settings}

    def build(self, leaves: Sequence[Tensor], maximise: bool) -> torch.optim.Optimizer:
        """The optimiser over these tensors, which it changes in place."""
        return OPTIMISERS[self.name].make(list(leaves), maximize=maximise, **self.all_settings)


def _check(setting: Setting, value: float) -> None:
    is_inside = setting.low <= value <= setting.high and not (setting.below and value == setting.high)
    if not is_inside or math.isinf(value):
        top = f"{'below' if setting.below else 'at most'} {setting.high:g}"
        allowed = f"at least {setting.low:g}" + ("" if math.isinf(setting.high) else f" and {top}")
        raise TrainingError(f"The {setting.label} is {value:g}; it must be {allowed}.")


def _with_betas(make: Callable[..., torch.optim.Optimizer]) -> Callable[..., torch.optim.Optimizer]:
    """Adam's two decay rates are one pair in torch."""

    def built(leaves: list[Tensor], beta1: float, beta2: float, **settings: Any) -> torch.optim.Optimizer:
        return make(leaves, betas=(beta1, beta2), **settings)

    return built


def _nesterov(leaves: list[Tensor], **settings: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(leaves, nesterov=True, **settings)


def _rate(default: float) -> Setting:
    return Setting("lr", "learning rate", default)


_DECAY = Setting("weight_decay", "weight decay", 0.0)
_MOMENTUM = Setting("momentum", "momentum", 0.9, high=1.0, below=True)
_PUSHED = Setting("momentum", "momentum", 0.9, low=1e-6, high=1.0, below=True)
_EPSILON = Setting("eps", "epsilon", 1e-8)
_BETAS = (
    Setting("beta1", "decay rate β₁ of the mean", 0.9, high=1.0, below=True),
    Setting("beta2", "decay rate β₂ of the squares", 0.999, high=1.0, below=True),
)

OPTIMISERS: Mapping[str, Optimiser] = MappingProxyType(
    {
        optimiser.name: optimiser
        for optimiser in (
            Optimiser("sgd", "SGD", torch.optim.SGD, (_rate(1e-3), _DECAY)),
            Optimiser("momentum", "Momentum", torch.optim.SGD, (_rate(1e-3), _MOMENTUM, _DECAY)),
            Optimiser("nesterov", "Nesterov", _nesterov, (_rate(1e-3), _PUSHED, _DECAY)),
            Optimiser(
                "rmsprop", "RMSprop", torch.optim.RMSprop,
                (_rate(1e-2), Setting("alpha", "decay rate of the squares", 0.99, high=1.0, below=True), _EPSILON,
                 Setting("momentum", "momentum", 0.0, high=1.0, below=True), _DECAY),
            ),
            Optimiser("adam", "Adam", _with_betas(torch.optim.Adam), (_rate(1e-3), *_BETAS, _EPSILON, _DECAY)),
            Optimiser(
                "adamw", "AdamW", _with_betas(torch.optim.AdamW),
                (_rate(1e-3), *_BETAS, _EPSILON, Setting("weight_decay", "weight decay", 1e-2)),
            ),
        )
    }
)  # fmt: skip
"""Every optimiser, by name."""
