"""What a model is given to read, as a user writes it: letters for the one that sorts, token ids for others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.errors import ModelError
from explorer.models import sort
from explorer.models.gpt import GPTConfig

MOST_SHOWN = 12
"""Characters of a wrong token that a message repeats."""


def reads_tokens(config: Any) -> bool:
    """Whether a model of this configuration reads tokens; the others read vectors."""
    return isinstance(config, GPTConfig)


def read(name: str, config: GPTConfig, text: str) -> Tensor:
    """Token ids ``(1, tokens)``. Raises ModelError, naming the part, for what the model cannot read."""
    tokens = sort.encode(text) if name == "gpt-sort" else _ids(text, config.vocabulary)
    if tokens.shape[1] > config.context:
        raise ModelError(
            f"{tokens.shape[1]} tokens are more than the {config.context} that the model can read. "
            "Give fewer, or a larger context."
        )
    return tokens


def written(name: str, tokens: Tensor) -> tuple[str, ...]:
    """The tokens of one row of ids, each as it is shown: a letter, or the id itself."""
    ids = tokens.flatten().tolist()
    return tuple(sort.LETTERS[i] if name == "gpt-sort" else str(i) for i in ids)


def vocabulary(name: str) -> Sequence[str]:
    """The text of every token id; empty where ids are all that there is."""
    return tuple(sort.LETTERS) if name == "gpt-sort" else ()


def token_of(name: str, config: GPTConfig, text: str) -> int:
    """The id of one token. Raises ModelError for what is none."""
    if name != "gpt-sort":
        ids = _ids(text, config.vocabulary)
        if ids.shape[1] != 1:
            raise ModelError(f"{text.strip()!r} is not one token. Give one id, such as 3.")
        return int(ids)
    if text.strip().upper() not in tuple(sort.LETTERS):
        raise ModelError(f"{text.strip()[:MOST_SHOWN]!r} is not one of the model's tokens: a letter from A to Z, or >.")
    return sort.LETTERS.index(text.strip().upper())


def _ids(text: str, vocabulary: int) -> Tensor:
    parts: Sequence[str] = text.replace(",", " ").split()
    allowed = f"whole numbers from 0 to {vocabulary - 1:,}, with spaces between"
    if not parts:
        raise ModelError(f"There is no token. Give {allowed}.")
    for part in parts:
        if not (part.isascii() and part.isdecimal()):
            raise ModelError(f"{part[:MOST_SHOWN]!r} is not a token id. Give {allowed}.")
        if len(part) > 9 or int(part) >= vocabulary:
            raise ModelError(
                f"The token {part[:MOST_SHOWN]} is not in the vocabulary of {vocabulary:,}. Give {allowed}."
            )
    return torch.tensor([[int(part) for part in parts]])
