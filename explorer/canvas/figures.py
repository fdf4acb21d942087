"""Numbers and tensors of a run as the browser gets them: single numbers, written out, as small pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from weakref import ref

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.ops.typeset import number
from explorer.passes.thumbnail import CELLS, thumbnail
from explorer.run import Number
from explorer.run import is_finite as _all_finite

WRITTEN_OUT = 16
"""A tensor of at most so many entries travels as text too."""

MOST_EXACT = 1_000_000
"""Of larger tensors the squares of a row are added in single precision: good for the six digits that are shown."""


T = TypeVar("T")


def _remembered(work: Callable[[Tensor], T]) -> Callable[[Tensor], T]:
    """``work`` done once per tensor: the tensors of a run stay as they are, and are drawn again with every group that
    is opened or closed. What is known of a tensor is forgotten with it."""
    known: dict[int, tuple[ref[Tensor], T]] = {}

    def look(tensor: Tensor) -> T:
        key = id(tensor)
        found = known.get(key)
        if found is not None and found[0]() is tensor:
            return found[1]
        made = work(tensor)
        known[key] = ref(tensor, lambda _: known.pop(key, None)), made
        return made

    return look


def size(given: Number | None) -> float:
    """A number itself, a tensor's norm, NaN for nothing."""
    if given is None:
        return math.nan
    return _norm(given) if isinstance(given, Tensor) and given.ndim else float(given)


@_remembered
def _norm(given: Tensor) -> float:
    is_large = given.numel() > MOST_EXACT and given.dtype == torch.float32
    rows: Tensor = torch.linalg.vector_norm(given, dim=-1) if is_large else given
    return float(torch.linalg.vector_norm(rows.double()))


def is_finite(given: Number) -> bool:
    """Whether no entry is NaN or infinite."""
    return _is_finite(given) if isinstance(given, Tensor) else math.isfinite(given)


_is_finite = _remembered(_all_finite)
_picture = _remembered(thumbnail)


def sizes(numbers: Sequence[Number | None]) -> NDArray[np.float64]:
    """``size`` of each."""
    return np.array([size(given) for given in numbers], np.float64)


def texts(numbers: Sequence[Number | None]) -> dict[int, str]:
    """The entries of the small tensors among ``numbers``, by place."""
    return {
        index: _written_out(given)
        for index, given in enumerate(numbers)
        if isinstance(given, Tensor) and given.ndim and given.numel() <= WRITTEN_OUT
    }


@_remembered
def _written_out(given: Tensor) -> str:
    return _written(given.tolist())


def _written(entries: Any) -> str:
    if isinstance(entries, list):
        return f"[{', '.join(map(_written, entries))}]"
    return str(entries).lower() if isinstance(entries, bool) else number(entries)


class Thumbs:
    """Pictures of tensors, one after the other."""

    def __init__(self) -> None:
        self._pictures: list[Tensor] = []

    def add(self, numbers: Sequence[Number | None]) -> NDArray[np.int32]:
        """Per number the place of its tensor's picture, which is added; -1 without one."""
        places = np.full(len(numbers), -1, np.int32)
        for index, given in enumerate(numbers):
            if isinstance(given, Tensor) and given.ndim:
                places[index] = len(self._pictures)
                self._pictures.append(_picture(given))
        return places

    def columns(self) -> dict[str, NDArray[Any]]:
        """Rows and columns of each picture, and its cells, with room for ``CELLS`` x ``CELLS``."""
        cells = np.zeros((len(self._pictures), CELLS * CELLS), np.float32)
        for row, picture in zip(cells, self._pictures, strict=True):
            row[: picture.numel()] = picture.flatten().numpy()
        return {
            "rows": np.array([picture.shape[0] for picture in self._pictures], np.uint8),
            "cols": np.array([picture.shape[1] for picture in self._pictures], np.uint8),
            "cells": cells.reshape(-1),
        }
