"""The losses to choose from: functions of a model's output that give a single number."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.errors import ModelError
from explorer.models import sort
from explorer.models.gpt import next_token_loss

Objective = Callable[[Tensor], Tensor]


def next_token(name: str, tokens: Tensor) -> Objective:
    """The mean surprise ``-log p`` of the right next tokens of ``tokens (1, n)``, given the logits.

    For the model that sorts these are the letters of the answer, which are known; for others the tokens that
    follow in the text, so there must be two.
    """
    if name == "gpt-sort":
        word, answer = _right_answer(tokens)
        return lambda logits: F.cross_entropy(logits[:, word:].flatten(0, 1), answer)
    if tokens.shape[1] < 2:
        raise ModelError("The next-token loss compares each token with the one after it: give two tokens or more.")
    return lambda logits: next_token_loss(logits, tokens)


def _right_answer(tokens: Tensor) -> tuple[int, Tensor]:
    """How long the word is, and the letters that the model should say after the sign, as far as it has read."""
    row = tokens[0].tolist()
    word = row.index(sort.LETTERS.index(">"))
    return word, torch.tensor(sorted(row[:word])[: len(row) - word])


def logit(position: int, token: int) -> Objective:
    """The score of one token as the next one after the token at ``position``."""
    return lambda logits: logits[0, position, token]


def highest(position: int) -> Objective:
    """The score of the likeliest token after the token at ``position``."""
    return lambda logits: logits[0, position].max()


def total(output: Tensor) -> Tensor:
    """The sum of all outputs."""
    return output.sum()


def squared_error(target: float) -> Objective:
    """The mean squared distance of all outputs from one number."""
    return lambda output: F.mse_loss(output, torch.full_like(output, target))
