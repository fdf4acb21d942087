"""The values of a trace: tensors kept as they were, shown without their autograd graph when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from torch import Tensor

from explorer.capture.overwrites import Overwrites
from explorer.errors import RunError


class Held(Sequence["Tensor | None"]):
    """One value per node: the contents of ``tensors`` after the records ``times``, from copies where overwritten.

    Parameters, inputs and outputs are read where they live, and RunError says so when they have changed since. A
    node's value is one and the same tensor whenever it is asked for; of one on the meta device, which has no contents,
    it is None.
    """

    def __init__(self, tensors: Sequence[Tensor | None], times: Sequence[int], overwrites: Overwrites) -> None:
        self._tensors = [None if tensor is None or tensor.is_meta else tensor for tensor in tensors]
        self._times, self._overwrites = times, overwrites
        self._versions = [0 if tensor is None else tensor._version for tensor in self._tensors]
        self._shown: dict[int, Tensor] = {}

    def __len__(self) -> int:
        return len(self._tensors)

    @overload
    def __getitem__(self, index: int) -> Tensor | None: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Tensor | None]: ...
    def __getitem__(self, index: int | slice) -> Tensor | Sequence[Tensor | None] | None:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        tensor = self._tensors[index]
        if tensor is None:
            return None
        found = self._overwrites.as_of(tensor, self._times[index])
        if found is tensor and tensor._version != self._versions[index]:
            raise RunError(f"The value of node {index} was changed in place after the trace. Trace the model again.")
        return None if found is None else self._shown.setdefault(index, found.detach())

    def __iter__(self) -> Iterator[Tensor | None]:
        return (self[index] for index in range(len(self)))
