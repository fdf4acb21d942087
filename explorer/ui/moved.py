"""A model's loss with one entry of a parameter moved. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Callable

import torch

from explorer.errors import ModelError
from explorer.ui.model import Traced, asked


def moved(traced: Traced, index: int, place: tuple[int, ...]) -> Callable[[float], tuple[float, float]]:
    """From a step to where the entry then is, and the loss there. The parameter is as it was after every call.

    Raises ModelError where the node is no parameter of the model.
    """
    name = traced.run.graph.ids[index]
    try:
        parameter = traced.model.get_parameter(name)
    except AttributeError:
        raise ModelError(f"{name!r} is no parameter of the model. Choose a parameter.") from None
    args, loss = asked(traced.source)

    def at(step: float) -> tuple[float, float]:
        before = parameter.data[place].clone()
        with torch.no_grad(), torch.random.fork_rng([]):
            torch.manual_seed(traced.source.seed)
            try:
                parameter.data[place] += step
                return float(parameter.data[place]), float(loss(traced.model(*args)))
            finally:
                parameter.data[place] = before

    return at
