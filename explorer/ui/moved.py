"""A model's loss with one entry of a parameter moved. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Callable

import torch

from explorer.capture.losses import take_loss
from explorer.errors import ModelError
from explorer.ui.model import Traced


def moved(traced: Traced, index: int, place: tuple[int, ...]) -> Callable[[float], tuple[float, float]]:
    """From a step to where the entry then is, and the loss there. The parameter is as it was after every call.

    Raises ModelError where the node is no parameter of the model.
    """
    name = traced.run.graph.ids[index]
    try:
        parameter = traced.model.get_parameter(name)
    except AttributeError:
        raise ModelError(f"{name!r} is no parameter of the model. Choose a parameter.") from None
    reading = traced.reading

    def at(step: float) -> tuple[float, float]:
        before = parameter.data[place].clone()
        with torch.no_grad(), torch.random.fork_rng([]):
            torch.manual_seed(traced.source.seed)
            try:
                parameter.data[place] += step
                output = traced.model(*reading.args, **reading.kwargs)
                return float(parameter.data[place]), float(take_loss(output, traced.loss)[0])
            finally:
                parameter.data[place] = before

    return at
