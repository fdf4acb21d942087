"""Tensors that share memory: which of them hold other contents after a write, and which autograd node is whose.

Only traces in which something is written in place pay for this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from torch import Tensor
from torch.autograd.graph import Node as GradNode

from explorer.capture.overwrites import Overwrite, Overwrites, storage_key


class Aliasing:
    """What the writes of one trace mean for the tensors that were known when they happened."""

    def __init__(self, overwrites: Overwrites) -> None:
        self.active = bool(overwrites.events)
        self._writes: dict[int, list[Overwrite]] = defaultdict(list)
        self._sharing: dict[int, dict[int, Tensor]] = {}
        self._replaced: dict[int, list[tuple[int, GradNode | None]]] = defaultdict(list)
        for event in overwrites.events:
            self._writes[event.time].append(event)
            self._sharing[storage_key(event.tensor)] = {}
            self._replaced[id(event.tensor)].append((event.time, event.fn))
            if event.base is not None:
                self._replaced[id(event.base)].append((event.time, event.base_fn))

    def meet(self, tensor: Tensor) -> None:
        """Takes notice of a tensor that stands for a node from now on."""
        sharing = self._sharing.get(storage_key(tensor))
        if sharing is not None:
            sharing[id(tensor)] = tensor

    def is_written(self, tensor: Tensor) -> bool:
        """Whether anything writes into the memory of ``tensor``, at any time."""
        return storage_key(tensor) in self._sharing

    def writes(self, time: int) -> Sequence[Overwrite]:
        """The writes of the record at ``time``."""
        return self._writes.get(time, ())

    def grad_fn(self, tensor: Tensor, time: int) -> GradNode | None:
        """The autograd node of ``tensor`` as it was after the record at ``time``."""
        for written, fn in self._replaced.get(id(tensor), ()):
            if written > time:
                return fn
        return tensor.grad_fn

    def others(self, tensor: Tensor) -> Iterable[Tensor]:
        """The tensors met so far that live in the memory of ``tensor``, which was written."""
        return [other for other in self._sharing[storage_key(tensor)].values() if other is not tensor]
