"""A model as the user sets it up: which one, how large, what it reads, and what is differentiated.

``trace`` makes the run of it, within bounds. No Streamlit in here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer import models
from explorer.capture.model import trace_module
from explorer.capture.trace import ModuleRun
from explorer.errors import ExplorerError, ModelError
from explorer.models import objectives, prompt
from explorer.models.objectives import Objective
from explorer.passes.axes import Axes
from explorer.resources import asset

Loss = Literal["next token", "logit", "sum", "squared error"]
Mode = Literal["eager", "export"]
LOSSES: tuple[Loss, ...] = ("next token", "logit", "sum", "squared error")

MOST_PARAMETERS = 150_000_000
"""With values and gradients of that many numbers a run takes some 2 GB."""

MOST_TOKENS = 256
MOST_WIDE, MOST_LAYERS = 4_096, 32

BOUNDS: Mapping[str, tuple[int, int]] = {
    "vocabulary": (2, 100_000),
    "context": (1, 1_024),
    "layers": (1, 48),
    "heads": (1, 64),
    "groups": (1, 64),
    "inputs": (1, 1_024),
    "width": (1, 4_096),
    "hidden": (1, 16_384),
    "size": (1, 1_024),
}
"""From and to, per size of a model."""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """``prompt`` is empty for a model that reads vectors, which are drawn by the ``seed`` like random weights are.

    ``token`` and ``position`` choose the logit: "" stands for the likeliest token, ``None`` for the last place.
    ``target`` is what the outputs should be, for the squared error.
    """

    name: str
    sizes: Mapping[str, Any] = field(default_factory=dict)
    seed: int = models.SEED
    prompt: str = ""
    loss: Loss = "sum"
    token: str = ""
    position: int | None = None
    target: float = 0.0
    train: bool = False


@dataclass(frozen=True, slots=True)
class Traced:
    """A model's run, with what is known of it besides: ``tokens`` as they are shown, none where it reads vectors;
    the texts of its ``vocabulary`` where they are more than numbers; the names of its tensors' ``axes``.
    """

    source: ModelSource
    model: nn.Module
    run: ModuleRun
    tokens: tuple[str, ...]
    vocabulary: Sequence[str]
    parameters: int
    axes: Axes

    @property
    def logits(self) -> int | None:
        """The node whose value scores the next tokens; ``None`` where the model reads none."""
        return self.run.graph.outputs[0] if self.tokens else None


def fresh(name: str | None = None) -> ModelSource:
    """A model with its own sizes and something to read; without a name the trained one, where its weights are."""
    name = name or ("gpt-sort" if _is_there("models", "gpt-sort.safetensors") else "gpt")
    if name == "gpt-sort":
        return ModelSource(name, prompt="CABBAC>", loss="logit")
    config = models.config_of(name)
    if not prompt.reads_tokens(config):
        return ModelSource(name)
    return ModelSource(name, prompt=" ".join(prompt.written(name, *models.example(name))), loss="next token")


def trace(source: ModelSource, mode: Mode = "eager") -> Traced:
    """One forward and one backward pass, as ``trace_module`` takes it. Raises ExplorerError, with the field to change,
    where there is none, and CaptureError where the model cannot be captured by torch.export.
    """
    config, parameters = checked(source)
    args, tokens = _inputs(source, config)
    model = _model(source.name, tuple(with_sizes(source).items()), source.seed, source.train)
    with torch.random.fork_rng([]):
        torch.manual_seed(source.seed)
        run = trace_module(model, args, loss=_loss(source, config, args), mode=mode)
    vocabulary = prompt.vocabulary(source.name)
    return Traced(source, model, run, tokens, vocabulary, parameters, _axes(run, args[0], config))


def asked(source: ModelSource) -> tuple[tuple[Tensor, ...], Objective]:
    """What the model reads, and the number that is made of its output."""
    config, _ = checked(source)
    args, _ = _inputs(source, config)
    return args, _loss(source, config, args)


def _axes(run: ModuleRun, given: Tensor, config: Any) -> Axes:
    reads = prompt.reads_tokens(config)
    batch, tokens = given.shape[:2] if reads or given.ndim == 3 else (1, 0)
    return Axes(run.graph, batch, tokens, config.vocabulary if reads else 0)


def checked(source: ModelSource) -> tuple[Any, int]:
    """The model's configuration and how many parameters it has, counted before any is made."""
    for name, size in source.sizes.items():
        low, high = BOUNDS.get(name, (-math.inf, math.inf))
        if not isinstance(size, str | tuple) and not low <= size <= high:
            raise ModelError(f"{name} is {size:,}, and must be from {low:,} to {high:,}.", field="sizes")
    with _about("name"):
        models.entry_of(source.name)
    with _about("sizes"):
        config = models.config_of(source.name, **with_sizes(source))
        with torch.device("meta"), _Unfilled():
            parameters = sum(p.numel() for p in models.entry_of(source.name).build(config).parameters())
    if parameters > MOST_PARAMETERS:
        message = (
            f"This model has {parameters:,} parameters, and at most {MOST_PARAMETERS:,} are traced. Make it smaller."
        )
        raise ModelError(message, field="sizes")
    return config, parameters


class _Unfilled(TorchFunctionMode):
    """Parameters are made and not filled, which on the meta device takes torch a second to get ready for."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in _FILLING:
            return kwargs["tensor"] if kwargs and "tensor" in kwargs else args[0]
        return func(*args, **(kwargs or {}))


_FILLING = frozenset({"normal_", "uniform_", "kaiming_uniform_", "zeros_", "ones_", "zero_", "fill_"})


def size_fields(name: str) -> Mapping[str, Any]:
    """The sizes that a user can set, with the values that they have when nothing is set."""
    entry = models.entry_of(name)
    if entry.weights:
        return {}
    given = {part.name: getattr(entry.config, part.name) for part in fields(entry.config)}
    return {name: value for name, value in given.items() if not isinstance(value, str)}


def with_sizes(source: ModelSource) -> dict[str, Any]:
    """The sizes, with a list of widths that was typed as text read."""
    return {name: _widths(size) if isinstance(size, str) else size for name, size in source.sizes.items()}


def _widths(text: str) -> tuple[int, ...]:
    parts = text.replace(",", " ").split()
    if not all(part.isascii() and part.isdecimal() and 1 <= int(part) <= MOST_WIDE for part in parts):
        raise ModelError(
            f"{text!r} is no list of widths. Give whole numbers from 1 to {MOST_WIDE:,}, such as 2, 16, 1."
        )
    if not 2 <= len(parts) <= MOST_LAYERS:
        raise ModelError(f"There are {len(parts)} widths. Give 2 to {MOST_LAYERS}, from the inputs to the outputs.")
    return tuple(map(int, parts))


@lru_cache(maxsize=1)
def _model(name: str, sizes: tuple[tuple[str, Any], ...], seed: int, train: bool) -> nn.Module:
    """The last model, kept: another prompt or loss does not make it again."""
    return models.load(name, seed=seed, **dict(sizes)).train(train)


def _inputs(source: ModelSource, config: Any) -> tuple[tuple[Tensor, ...], tuple[str, ...]]:
    if not prompt.reads_tokens(config):
        generator = torch.Generator().manual_seed(source.seed)
        return models.entry_of(source.name).inputs(config, generator), ()
    with _about("prompt"):
        tokens = prompt.read(source.name, config, source.prompt)
        if tokens.shape[1] > MOST_TOKENS:
            raise ModelError(f"{tokens.shape[1]:,} tokens are more than the {MOST_TOKENS} that are traced here.")
    return (tokens,), prompt.written(source.name, tokens)


def _loss(source: ModelSource, config: Any, args: tuple[Tensor, ...]) -> Objective:
    if source.loss == "sum":
        return objectives.total
    if source.loss == "squared error":
        return objectives.squared_error(source.target)
    with _about("loss"):
        if not prompt.reads_tokens(config):
            raise ModelError("This model gives no scores of tokens. Take the sum or the squared error of its outputs.")
        if source.loss == "next token":
            return objectives.next_token(source.name, args[0])
        return _logit(source, config, args[0].shape[1])


def _logit(source: ModelSource, config: Any, tokens: int) -> Objective:
    """The chosen token's score, or the highest score at that place."""
    position = tokens - 1 if source.position is None else source.position
    if not 0 <= position < tokens:
        raise ModelError(f"There is no place {position}: the prompt's {tokens} tokens are at 0 to {tokens - 1}.")
    if not source.token.strip():
        return objectives.highest(position)
    return objectives.logit(position, prompt.token_of(source.name, config, source.token))


@contextmanager
def _about(field: str) -> Iterator[None]:
    """A ModelError from inside gets the field that it is about."""
    try:
        yield
    except ModelError as error:
        raise ModelError(str(error), field=error.field or field) from None


def _is_there(*parts: str) -> bool:
    try:
        return asset(*parts).is_file()
    except ExplorerError:
        return False
