"""A model that was made, whatever it comes from, and how to give it something to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from explorer.errors import ModelError
from explorer.models import hugging, own
from explorer.models.bounds import bounds

Predicts = Literal["", "next", "here"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model is called with, and how that reads.

    ``tokens`` are the texts of what lies along the token axis (none for other inputs); ``ids (1, n)`` those that
    the scores in the output stand at, with their texts ``said``.
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    ids: Tensor | None = None
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """``read`` turns a prompt into what the model is called with; ``asks`` says what for, "" where there is no prompt.

    ``predicts`` is what the output's scores are of: the next token, the token at each place, or no token.
    ``vocabulary`` has the text of every token id, where those are more than numbers, ``size`` counts them.
    """

    model: nn.Module
    read: Callable[[str], Reading]
    asks: str = ""
    predicts: Predicts = ""
    vocabulary: Sequence[str] = ()
    size: int = 0

    @property
    def parameters(self) -> int:
        """Shared ones count once."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    def token(self, text: str) -> int:
        """The id of one token, by its text where tokens have texts. Raises ModelError for what is none."""
        if not self.vocabulary:
            ids = token_ids(text, self.size)
            if ids.shape[1] != 1:
                raise ModelError(f"{text.strip()!r} is not one token. Give one id, such as 3.")
            return int(ids)
        for spelled in (text, text.strip(), text.strip().upper(), f"␣{text.strip()}"):
            if spelled in self.vocabulary:
                return self.vocabulary.index(spelled)
        raise ModelError(f"{text.strip()[:MOST_SHOWN]!r} is not one of the model's {self.size:,} tokens.")


def of_config(config: Mapping[str, Any] | str, *, seed: int) -> Made:
    """A Hugging Face model with random weights, of a preset's name or what a config.json holds."""
    return _hugging(hugging.from_config(config, most=bounds().parameters, seed=seed), None, seed)


def of_weights(name: str, *, seed: int) -> Made:
    """A Hugging Face model with its real weights and its tokenizer where it has one, by folder or hub id."""
    name = str(Path(name).expanduser()) if name.startswith("~") else name
    return _hugging(hugging.from_pretrained(name, most=bounds().parameters), hugging.tokenizer(name), seed)


def of_file(path: str, factory: str, *, seed: int) -> Made:
    """A model of the user's own code. Raises ModelError where it is larger than the bounds."""
    model, args, kwargs = own.load(path, factory, seed=seed)
    made = Made(model, lambda _prompt: _as_given(args, kwargs))
    if made.parameters > bounds().parameters:
        raise ModelError(
            f"This model has {made.parameters:,} parameters, and at most {bounds().parameters:,} are traced.",
            field="name",
        )
    return made


def _as_given(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Reading:
    """Whole numbers in a row are taken for tokens."""
    given = [part for part in (*args, *kwargs.values()) if isinstance(part, Tensor)]
    ids = [part for part in given if part.dtype == torch.int64 and part.dim() == 2 and len(part) == 1]
    words = tuple(map(str, ids[0][0].tolist())) if len(ids) == 1 else ()
    return Reading(args, kwargs, words)


def _hugging(model: nn.Module, tokenizer: Any, seed: int) -> Made:
    settings: Any = model.config
    reads_text = getattr(model, "main_input_name", "input_ids") == "input_ids"
    has_scores = reads_text or settings.is_encoder_decoder
    kind = type(model).__name__
    spoken = kind.endswith(("LMHeadModel", "ForCausalLM", "ForConditionalGeneration"))
    predicts: Predicts = "here" if kind.endswith("ForMaskedLM") else "next" if spoken and has_scores else ""
    size = int(getattr(settings, "vocab_size", 0) or 0)
    words = () if tokenizer is None else hugging.words(tokenizer, size)

    def read(prompt: str) -> Reading:
        ids = _ids(prompt, tokenizer, settings, size) if reads_text else None
        inputs = hugging.inputs_for(model, tokens=ids, seed=seed)
        ids = inputs["input_ids"] if reads_text else None
        scored = inputs.get("decoder_input_ids", ids)
        return Reading((), inputs, _texts(ids, words), scored, _texts(scored, words))

    asks = "" if not reads_text else "Tokens" if tokenizer is None else "Text"
    return Made(model, read, asks, predicts, words, size)


def _texts(ids: Tensor | None, words: Sequence[str]) -> tuple[str, ...]:
    if ids is None:
        return ()
    return tuple(words[i] if i < len(words) else str(i) for i in ids[0].tolist())


def _ids(prompt: str, tokenizer: Any, settings: Any, size: int) -> Tensor | None:
    """Token ids ``(1, n)`` of a prompt; None where it is empty, and some are drawn.

    Raises ModelError for what is no token, and for more of them than can be read.
    """
    if not prompt.strip():
        return None
    ids = hugging.encode(tokenizer, prompt) if tokenizer is not None else token_ids(prompt, size)
    places = [getattr(settings, name, None) for name in ("max_position_embeddings", "n_positions", "context_length")]
    most = min([bounds().tokens, *(place for place in places if isinstance(place, int))])
    if ids.shape[1] > most:
        raise ModelError(f"{ids.shape[1]:,} tokens are more than the {most} that are read here.", field="prompt")
    return ids


MOST_SHOWN = 12
"""Characters of a wrong token that a message repeats."""


def token_ids(text: str, vocabulary: int) -> Tensor:
    """Token ids ``(1, n)``, written with spaces or commas between. Raises ModelError, naming what is none."""
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
