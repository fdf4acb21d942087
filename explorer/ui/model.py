"""The run of a model that a user has set up, within bounds. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from explorer.capture.members import tensors_in
from explorer.capture.model import trace_module
from explorer.capture.trace import ModuleRun
from explorer.errors import CaptureError, ModelError, ProgramError
from explorer.models import made
from explorer.models.bounds import bounds
from explorer.models.made import Made, Reading
from explorer.models.objectives import Objective
from explorer.passes.axes import Axes
from explorer.passes.failure import failure
from explorer.progress import tell
from explorer.ui import shipped
from explorer.ui.model_loss import formula, objective, scores
from explorer.ui.model_source import LOSSES, ModelSource, Origin, fresh, read_config

__all__ = ["LOSSES", "ModelSource", "Traced", "fresh", "trace"]


@dataclass(frozen=True, slots=True)
class Traced:
    """A model's run, with what is known of it besides: what it was called with, and the names of its tensors' axes.

    ``loss`` is what was differentiated, None for the output's own. ``problem`` says what could not be had: an exported
    graph, and the run is the eager one; or the rest of the forward pass, and the run ends where it failed.
    """

    source: ModelSource
    made: Made
    reading: Reading
    run: ModuleRun
    axes: Axes
    loss: Objective | None = None
    problem: CaptureError | None = None

    @property
    def model(self) -> nn.Module:
        return self.made.model

    @property
    def parameters(self) -> int:
        return self.made.parameters

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens as they are shown; none where it reads something else."""
        return self.reading.tokens

    @property
    def vocabulary(self) -> Sequence[str]:
        """The text of every token id, where ids are more than numbers."""
        return self.made.vocabulary

    @property
    def logits(self) -> int | None:
        """The node whose value scores tokens; ``None`` where there is none."""
        if not self.made.predicts or self.reading.ids is None or failure(self.run) is not None:
            return None
        scored = scores(self.run.outputs)
        for place, (_, tensor) in enumerate(tensors_in(self.run.outputs, "")):
            if tensor is scored:
                return self.run.graph.outputs[place]
        return None


def trace(source: ModelSource) -> Traced:
    """One forward and one backward pass. Raises ExplorerError, with the field to change, where there is none."""
    tell(0.05, "Making the model")
    loss = formula(source.formula) if source.loss == "expression" else None
    if source.origin == "shipped":
        shipped.check(source.name, source.sizes)
    model = _made(*_key(source))
    with _about("prompt"):
        reading = model.read(source.prompt)
    with _about("loss"):
        loss = loss or objective(source, model, reading)
    tell(0.35, "Forward and backward")
    run, problem = _run(source, model, reading, loss)
    answer = run.graph.index.get("decoder_input_ids") if "decoder_input_ids" in reading.kwargs else None
    axes = Axes(run.graph, _batch(reading), len(reading.tokens) or _rows(reading), model.size, answer)
    return Traced(source, model, reading, run, axes, loss, problem)


def trace_exported(source: ModelSource) -> Traced:
    """The same as torch.export captures it. Raises CaptureError where it cannot be captured."""
    traced = trace(replace(source, mode="export"))
    if traced.problem is not None:
        raise traced.problem
    return traced


def remade(source: ModelSource, seed: int) -> nn.Module:
    """A fresh model of the same kind, its random weights drawn by ``seed``."""
    return _made.__wrapped__(*_key(replace(source, seed=seed))).model


def _run(
    source: ModelSource, model: Made, reading: Reading, loss: Objective | None
) -> tuple[ModuleRun, CaptureError | None]:
    """The run, and what could not be had of it. Raises where nothing can be shown."""
    with torch.random.fork_rng([]):
        torch.manual_seed(source.seed)
        try:
            seconds = bounds().seconds
            return trace_module(
                model.model, reading.args, reading.kwargs, loss=loss, mode=source.mode, seconds=seconds
            ), None
        except CaptureError as error:
            if isinstance(error.__cause__, ProgramError):
                raise ModelError(str(error.__cause__), field="loss") from error
            if error.run is None:
                raise
            return error.run, error


def _key(source: ModelSource) -> tuple[Any, ...]:
    """All that the model itself depends on."""
    sizes = tuple(source.sizes.items()) if source.origin == "shipped" else ()
    what = source.config if source.origin == "config" else source.name
    return source.origin, what, source.factory, source.stamp, sizes, source.seed, source.train


@lru_cache(maxsize=1)
def _made(origin: Origin, what: str, factory: str, stamp: int, sizes: Any, seed: int, train: bool) -> Made:
    """The last model, kept: another prompt or loss does not make it again."""
    if origin == "shipped":
        model = shipped.make(what, dict(sizes), seed)
    else:
        with _about("config" if origin == "config" else "name"):
            model = _from_elsewhere(origin, what, factory, seed)
    model.model.train(train)
    return model


def _from_elsewhere(origin: Origin, what: str, factory: str, seed: int) -> Made:
    if origin == "own":
        return made.of_file(what, factory, seed=seed)
    if not what.strip():
        raise ModelError("There is no model yet.")
    if origin == "weights":
        return made.of_weights(what.strip(), seed=seed)
    return made.of_config(read_config(what) if origin == "config" else what, seed=seed)


def _first(reading: Reading) -> Tensor | None:
    given = (*reading.args, *reading.kwargs.values())
    return next((part for part in given if isinstance(part, Tensor)), None)


def _batch(reading: Reading) -> int:
    """How many sequences it reads at once; a bare vector is one."""
    first = _first(reading)
    has_batch = first is not None and (bool(reading.tokens) or first.ndim == 3)
    return first.shape[0] if first is not None and has_batch else 1


def _rows(reading: Reading) -> int:
    """The vectors in a sequence, where that is what it reads."""
    first = _first(reading)
    return first.shape[1] if first is not None and first.ndim == 3 else 0


@contextmanager
def _about(field: str) -> Iterator[None]:
    """A ModelError from inside gets the field that it is about."""
    try:
        yield
    except ModelError as error:
        raise ModelError(str(error), field=error.field or field) from None
