"""What a model is given to read, as a user writes it: letters for the one that sorts, token ids for others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from explorer.errors import ModelError
from explorer.models import sort
from explorer.models.gpt import GPTConfig
from explorer.models.made import token_ids


def reads_tokens(config: Any) -> bool:
    """Whether a model of this configuration reads tokens; the others read vectors."""
    return isinstance(config, GPTConfig)


def read(name: str, config: GPTConfig, text: str) -> Tensor:
    """Token ids ``(1, tokens)``. Raises ModelError, naming the part, for what the model cannot read."""
    tokens = sort.encode(text) if name == "gpt-sort" else token_ids(text, config.vocabulary)
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
