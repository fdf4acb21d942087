"""A model as something to train: its parameters are inputs by their qualified names."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from explorer.capture.model import trace_module
from explorer.run import Run
from explorer.ui.model import Traced, remade


class Trainable:
    """A copy of a traced model, with what it reads and its loss; the traced one keeps its numbers."""

    def __init__(self, traced: Traced) -> None:
        self._source, self._model = traced.source, copy.deepcopy(traced.model)
        self._reading, self._loss = traced.reading, traced.loss
        self._parameters = dict(self._model.named_parameters())

    @property
    def inputs(self) -> Mapping[str, Tensor]:
        """Every parameter as the model has it now; one that is used in two places once."""
        return {name: parameter.detach().clone() for name, parameter in self._parameters.items()}

    def run(self, given: Mapping[str, Any], requires_grad: Mapping[str, bool]) -> Run:
        """One forward and one backward pass with other parameters; what is random in it is drawn anew from the seed."""
        with torch.no_grad():
            for name, value in given.items():
                self._parameters[name].copy_(torch.as_tensor(value))
        for name, parameter in self._parameters.items():
            parameter.requires_grad_(requires_grad.get(name, True))
        with torch.random.fork_rng([]):
            torch.manual_seed(self._source.seed)
            return trace_module(self._model, self._reading.args, self._reading.kwargs, loss=self._loss)

    def drawn(self, seed: int) -> dict[str, Tensor]:
        """The parameters of a fresh model of this kind, not trained."""
        return {name: parameter.detach() for name, parameter in remade(self._source, seed).named_parameters()}
