"""Parameters of any shape as one column of numbers, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise, product
from math import prod

import torch
from torch import Tensor

from explorer.run import Number, as_tensor
from explorer.training.rules import Column


@dataclass(frozen=True)
class Layout:
    """Which places of the column belong to which parameter, in their order; programs have float64, models their own."""

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    dtype: torch.dtype = torch.float64

    @staticmethod
    def of(values: Mapping[str, Number]) -> Layout:
        """The layout of parameters that have these values."""
        return Layout(tuple(values), tuple(tuple(as_tensor(value).shape) for value in values.values()))

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """The places of each parameter."""
        ends = list(accumulate(map(prod, self.shapes), initial=0))
        return tuple(slice(start, end) for start, end in pairwise(ends))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What each place is called: ``b`` for a single number, ``W[0, 1]`` for an entry."""
        return tuple(
            name + (str(list(place)) if shape else "")
            for name, shape in zip(self.names, self.shapes, strict=True)
            for place in product(*map(range, shape))
        )

    @property
    def size(self) -> int:
        return self.slices[-1].stop if self.slices else 0

    def pack(self, values: Mapping[str, Number]) -> Column:
        """The column of parameters that are given by name."""
        parts = [as_tensor(values[name]).detach().to(self.dtype).reshape(-1) for name in self.names]
        return torch.cat(parts).numpy().copy() if parts else self.zeros()

    def zeros(self) -> Column:
        """A column of zeros."""
        found: Column = torch.zeros(self.size, dtype=self.dtype).numpy()
        return found

    def unpack(self, numbers: Column) -> dict[str, Number]:
        """The parameters by name, floats and tensors of their own."""
        return {name: float(part) if not part.ndim else part.clone() for name, part in self._named(numbers)}

    def views(self, numbers: Column) -> list[Tensor]:
        """A tensor for each parameter, in the memory of the column."""
        return [part for _, part in self._named(numbers)]

    def _named(self, numbers: Column) -> Iterator[tuple[str, Tensor]]:
        whole = torch.from_numpy(numbers)
        for name, shape, there in zip(self.names, self.shapes, self.slices, strict=True):
            yield name, whole[there].view(shape)


@dataclass(frozen=True, slots=True)
class Packed:
    """One tensor a parameter, or none, as a single column; ``shapes`` are ``None`` where there is none."""

    numbers: Tensor
    shapes: tuple[tuple[int, ...] | None, ...]

    @staticmethod
    def of(parts: Sequence[Tensor | None]) -> Packed:
        there = [part.detach().reshape(-1) for part in parts if part is not None]
        numbers = torch.cat(there) if there else torch.zeros(0)
        return Packed(numbers, tuple(None if part is None else tuple(part.shape) for part in parts))

    def parts(self) -> list[Tensor | None]:
        """Copies of the tensors."""
        sizes = [0 if shape is None else prod(shape) for shape in self.shapes]
        pieces = torch.split(self.numbers, sizes)
        return [None if s is None else piece.clone().view(s) for s, piece in zip(self.shapes, pieces, strict=True)]
