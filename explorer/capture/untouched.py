"""A trace leaves no mark: what a forward changes outside itself is put back when it is over."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from operator import attrgetter, is_
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.capture.members import Members, Part


@contextmanager
def same_state(held: Members) -> Iterator[Tensor]:
    """A block with gradients on, after which random states, gradient mode and modules are as before. What it gives is
    the state of torch's generator.

    What is registered in modules is put back as objects; their contents are kept elsewhere (``overwrites``). The
    generators of Python and numpy are slow to read: theirs are kept for models that know of them.
    """
    grads = [*map(_grad, held.weights)]
    others = _draw_states() if _may_draw(held.parts) else None
    draws, cuda = torch.get_rng_state(), torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else ()
    try:
        with torch.inference_mode(False) if torch.is_inference_mode_enabled() else nullcontext(), torch.enable_grad():
            yield draws
    finally:
        torch.set_rng_state(draws)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)
        _restore(held.parts)
        if not all(map(is_, map(_grad, held.weights), grads)):
            for parameter, grad in zip(held.weights, grads, strict=True):
                parameter.grad = grad
        if others is not None:
            random.setstate(others[0])
            np.random.set_state(others[1])


_grad = attrgetter("grad")


def _restore(parts: Sequence[Part]) -> None:
    for _, module, parameters, buffers, training in parts:
        if module.training is not training:
            module.training = training
        if parameters or module._parameters:
            _put_back(module._parameters, parameters)
        if buffers or module._buffers:
            _put_back(module._buffers, buffers)


def _put_back(now: Any, before: Mapping[str, Any]) -> None:
    """A scripted module holds no dict, and nobody can register anything in it."""
    if isinstance(now, dict) and ([*now] != [*before] or not all(map(is_, now.values(), before.values()))):
        now.clear()
        now.update(before)


def _draw_states() -> tuple[Any, Any]:
    return random.getstate(), np.random.get_state()


def _may_draw(parts: Sequence[Part]) -> bool:
    kinds: set[Any] = {type(part.module) for part in parts}
    return any(map(_knows_of_generators, kinds))


_GENERATORS = (random, np, np.random)
_HIDDEN = (random._inst, np.random.mtrand._rand)  # whose methods are imported by name


@lru_cache(maxsize=1024)
def _knows_of_generators(kind: type) -> bool:
    """Whether the file that a class of modules is from has Python's or numpy's random numbers in reach."""
    home = sys.modules.get(kind.__module__)
    names = [] if home is None or kind.__module__.startswith("torch.") else list(vars(home).values())
    return any(
        any(value is generator for generator in _GENERATORS)
        or any(getattr(value, "__self__", None) is hidden for hidden in _HIDDEN)
        for value in names
    )
