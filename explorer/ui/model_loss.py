"""What is differentiated: the choice of the user, as a function of what the model returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from explorer.capture.loss_text import LossText
from explorer.capture.members import tensors_in
from explorer.errors import CaptureError, ModelError, ProgramError
from explorer.models import objectives
from explorer.models.made import Made, Reading
from explorer.models.objectives import Objective
from explorer.ui.model_source import ModelSource


def formula(text: str) -> Objective:
    try:
        return LossText(text)
    except ProgramError as error:
        raise ModelError(str(error), field="loss") from error


def objective(source: ModelSource, model: Made, reading: Reading) -> Objective | None:
    """None for the output's own loss or sum."""
    if source.loss == "sum":
        return objectives.total if source.origin == "shipped" else None
    if source.loss == "squared error":
        return _of_scores(objectives.squared_error(source.target))
    if not model.predicts or reading.ids is None:
        raise ModelError("This model gives no scores of tokens. Take the sum or the squared error of its outputs.")
    if source.loss == "logit":
        return _of_scores(_logit(source, model, reading))
    if model.predicts != "next":
        raise ModelError("This model scores the token at each place, not the next one. Take one logit.")
    return _of_scores(objectives.next_token(source.name if source.origin == "shipped" else "", reading.ids))


def _logit(source: ModelSource, model: Made, reading: Reading) -> Objective:
    """The chosen token's score, or the highest score at that place."""
    tokens = len(reading.said)
    position = tokens - 1 if source.position is None else source.position
    if not 0 <= position < tokens:
        raise ModelError(f"There is no place {position}: the prompt's {tokens} tokens are at 0 to {tokens - 1}.")
    if not source.token.strip():
        return objectives.highest(position)
    return objectives.logit(position, model.token(source.token))


def _of_scores(objective: Objective) -> Objective:
    return lambda output: objective(scores(output))


def scores(output: Any) -> Tensor:
    """The logits of an output that names them, else its first tensor that has a fraction part."""
    named = output.get("logits") if isinstance(output, Mapping) else getattr(output, "logits", None)
    if isinstance(named, Tensor):
        return named
    found = next((tensor for _, tensor in tensors_in(output, "") if tensor.is_floating_point()), None)
    if found is None:
        raise CaptureError("The output has no tensor of floating-point numbers to differentiate.")
    return found
