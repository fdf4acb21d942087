"""A trace leaves no mark: what a forward changes outside itself is put back when it is over."""

from __future__ import annotations

import gc
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from explorer.capture.calls import Modules


@contextmanager
def same_state(modules: Modules) -> Iterator[None]:
    """A block with gradients on, after which random states, gradient mode and modules are as before.

    The states of Python's and numpy's generators, slow to read, are kept for models in training mode only: a
    model in evaluation mode draws no numbers.
    """
    devices = {p.device for _, m in modules for p in m._parameters.values() if p is not None}
    before = [_Registered(m) for _, m in modules if m._parameters or m._buffers]
    modes = [(m, m.training) for _, m in modules]
    draws = _draw_states() if any(m.training for _, m in modules) else None
    try:
        cuda = [device for device in devices if device.type == "cuda"]
        with torch.random.fork_rng(cuda), torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        for registered in before:
            registered.restore()
        for module, training in modes:
            if module.training is not training:
                module.training = training
        if draws is not None:
            random.setstate(draws[0])
            np.random.set_state(draws[1])


def _draw_states() -> tuple[Any, Any]:
    return random.getstate(), np.random.get_state()


class _Registered:
    """Parameters, buffers and gradients of one module, as objects: their contents are kept elsewhere."""

    __slots__ = ("buffers", "grads", "module", "parameters")

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.parameters, self.buffers = dict(module._parameters), dict(module._buffers)
        self.grads = [(p, p.grad) for p in self.parameters.values() if p is not None]

    def restore(self) -> None:
        module = self.module
        _put_back(module._parameters, self.parameters)
        _put_back(module._buffers, self.buffers)
        for parameter, grad in self.grads:
            if parameter.grad is not grad:
                parameter.grad = grad


def _put_back(now: Any, before: dict[str, Any]) -> None:
    """A scripted module holds no dict, and nobody can register anything in it."""
    if not isinstance(now, dict):
        return
    if len(now) != len(before) or any(now.get(name) is not value for name, value in before.items()):
        now.clear()
        now.update(before)


_paused = 0
_was_enabled = False
_lock = threading.Lock()


@contextmanager
def garbage_kept() -> Iterator[None]:
    """A block in which Python's garbage collector rests: in the middle of a small trace it would double its time.

    Blocks of several threads may overlap; the last one to end starts the collector again, if it was on.
    """
    global _paused, _was_enabled
    with _lock:
        if _paused == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _paused += 1
    try:
        yield
    finally:
        with _lock:
            _paused -= 1
            if _paused == 0 and _was_enabled:
                gc.enable()
