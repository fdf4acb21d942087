"""Random weights drawn once: PyTorch's own layers fill a weight, and the model that holds them often fills it again.

    with FilledOnce() as filling:
        model = build()
    filling.finish(model)

Drawing numbers is most of the time that a large model takes to make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

_FILLING = frozenset({"normal_", "uniform_", "kaiming_uniform_", "zeros_", "ones_", "zero_", "fill_"})
_LOOKING = frozenset({"size", "dim", "numel"})
"""What asks for nothing that is in a tensor."""


def _filled(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The tensor that a call fills from end to end, whatever was there; None for any other call."""
    if getattr(func, "__name__", "") not in _FILLING:
        return None
    return kwargs["tensor"] if "tensor" in kwargs else args[0]


class Unfilled(TorchFunctionMode):
    """Parameters are made and not filled, which on the meta device takes torch a second to get ready for."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tensor = _filled(func, args, kwargs or {})
        return func(*args, **(kwargs or {})) if tensor is None else tensor


class FilledOnce(TorchFunctionMode):
    """A parameter is filled when something is done with it, or in the end: with what it was to be filled with last."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[int, tuple[Tensor, Callable[[], Any]]] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        tensor = _filled(func, args, kwargs)
        if type(tensor) is nn.Parameter:
            self._waiting.pop(id(tensor), None)
            self._waiting[id(tensor)] = tensor, partial(func, *args, **kwargs)
            return tensor
        if getattr(func, "__name__", "") not in _LOOKING:
            self._fill(map(id, _within((args, kwargs))))
        return func(*args, **kwargs)

    def finish(self, model: nn.Module) -> None:
        """Fills what still waits. Weights that ``model`` does not hold any more are not worth it."""
        held = {id(parameter) for parameter in model.parameters()}
        self._fill([key for key in self._waiting if key in held])
        self._waiting.clear()

    def _fill(self, keys: Iterable[int]) -> None:
        for key in keys:
            if key in self._waiting:
                with torch.no_grad():
                    self._waiting.pop(key)[1]()


def _within(value: Any) -> Iterable[Any]:
    """The values in nested lists, tuples and dicts."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        for part in value:
            yield from _within(part)
    else:
        yield value
