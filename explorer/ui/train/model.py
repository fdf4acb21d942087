"""A model as something to train: its parameters are inputs by their qualified names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from explorer.capture.copying import copied
from explorer.capture.model import trace_module
from explorer.run import Run
from explorer.ui.model import Traced, remade


class Trainable:
    """A traced model with what it reads and its loss; it keeps its own numbers, copies of it are trained."""

    def __init__(self, traced: Traced) -> None:
        self._source, self._model = traced.source, traced.model
        self._reading, self._loss = traced.reading, traced.loss

    @property
    def inputs(self) -> Mapping[str, Tensor]:
        """Every parameter as the model has it now; one that is used in two places once."""
        return {name: parameter.detach().clone() for name, parameter in self._model.named_parameters()}

    def run(self, given: Mapping[str, Any], requires_grad: Mapping[str, bool]) -> Run:
        """One forward and one backward pass with other parameters; what is random in it is drawn anew from the seed."""
        model = copied(self._model)  # A run holds the parameters that it was traced with, not copies of them.
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.requires_grad_(requires_grad.get(name, True))
                if name in given:
                    parameter.copy_(torch.as_tensor(given[name]))
        with torch.random.fork_rng([]):
            torch.manual_seed(self._source.seed)
            return trace_module(model, self._reading.args, self._reading.kwargs, loss=self._loss)

    def drawn(self, seed: int) -> dict[str, Tensor]:
        """The parameters of a fresh model of this kind, not trained."""
        return {name: parameter.detach() for name, parameter in remade(self._source, seed).named_parameters()}
