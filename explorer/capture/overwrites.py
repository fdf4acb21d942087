"""In-place operations destroy values that were already recorded: a storage is copied just before it is written.

One copy serves every tensor that lives in the storage, and nothing is copied before the first write. The same
copies put back, after the trace, what the forward wrote outside itself: buffers, inputs, parameters.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.autograd.graph import Node

from explorer.capture.aten import base_name, form_of

WRITTEN: dict[int, tuple[str | int, ...]] = {}
"""By the id of an operation (they live for ever) the positions and keywords of the arguments that it writes."""

_METADATA = {"squeeze_", "unsqueeze_", "t_", "transpose_", "swapaxes_", "swapdims_", "as_strided_", "detach_"}
"""These change how a tensor lies in its memory, and not what is there."""

_NORMS = {"native_batch_norm", "cudnn_batch_norm", "miopen_batch_norm", "batch_norm", "instance_norm"}
_STATISTICS = (3, 4)
"""Running mean and variance, which the norms write without saying so in their schemas."""
_END = sys.maxsize


def written_by(func: OpOverload) -> tuple[str | int, ...]:
    """Which arguments an operation writes."""
    found = WRITTEN.get(id(func))
    return learn(func) if found is None else found


def learn(func: OpOverload) -> tuple[str | int, ...]:
    """Finds out, once for each operation, which arguments it writes."""
    written = tuple(
        argument.name if argument.kwarg_only else place
        for place, argument in enumerate(func._schema.arguments)
        if argument.alias_info is not None and argument.alias_info.is_write
    )
    WRITTEN[id(func)] = written or (_STATISTICS if base_name(func) in _NORMS else ())
    return WRITTEN[id(func)]


Lie = tuple[tuple[int, ...], tuple[int, ...], int]


@dataclass(slots=True)
class Overwrite:
    """A write by the record at ``time`` into ``tensor``, a view of ``base`` or no view.

    ``before`` is the whole storage as it was (None: not worth keeping), ``lie`` how the tensor lay in it: its
    shape, strides and offset. ``fn`` and ``base_fn`` are the autograd nodes of the old contents; torch is about to
    exchange them.
    """

    time: int
    tensor: Tensor
    base: Tensor | None
    before: torch.UntypedStorage | None
    lie: Lie
    fn: Node | None
    base_fn: Node | None


class Overwrites:
    """All writes of one trace: ``events`` in order, and the copies by storage."""

    def __init__(self) -> None:
        self.events: list[Overwrite] = []
        self._copies: dict[int, list[tuple[int, torch.UntypedStorage | None]]] = {}
        self._lies: dict[int, list[tuple[int, Lie]]] = {}

    def keep(self, records: Sequence[Any], func: OpOverload, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Called before ``func`` runs, which will be the next record."""
        moves_only = base_name(func) in _METADATA
        for argument in WRITTEN[id(func)]:
            if isinstance(argument, str):
                value = kwargs.get(argument)
            else:
                value = args[argument] if argument < len(args) else None
            for tensor in [value] if isinstance(value, Tensor) else value or ():
                self._keep_one(tensor, records, moves_only)

    def _keep_one(self, tensor: Tensor, records: Sequence[Any], moves_only: bool) -> None:
        time, key = len(records), storage_key(tensor)
        if moves_only or not key:
            before = tensor.untyped_storage() if key else None
        else:
            before = None if _is_fresh(tensor, records) else tensor.untyped_storage().clone()
            self._copies.setdefault(key, []).append((time, before))
        base, lie = tensor._base, _lie(tensor) if key else (tuple(tensor.shape), (), 0)
        base_fn = None if base is None else base.grad_fn
        self.events.append(Overwrite(time, tensor, base, before, lie, tensor.grad_fn, base_fn))
        self._lies.setdefault(id(tensor), []).append((time, lie))

    def finish(self, records: Sequence[Any]) -> None:
        """Puts back what was in memory from before the trace, once it is over."""
        results = [t for record in records if not written_by(record[0]) for t in _tensors(record[3])]
        born = {storage_key(t) for record in records if form_of(record[0]).fresh for t in _tensors(record[3])}
        for event in self.events:
            key = storage_key(event.tensor)
            copies = self._copies.get(key, ())
            if copies and key not in born and copies[0][1] is not None and copies[-1][0] != _END:
                storage = event.tensor.untyped_storage()
                self._copies[key].append((_END, storage.clone()))
                storage.copy_(copies[0][1])
        made = set(map(id, results))
        for event in reversed(self.events):
            if id(event.tensor) not in made and event.lie != _lie(event.tensor):
                event.tensor.data = _put(event.tensor, event.tensor.untyped_storage(), event.lie)

    def as_of(self, tensor: Tensor, time: int) -> Tensor | None:
        """The value that ``tensor`` had after the record at ``time``; itself where nothing was written since.

        None where what was there was not worth keeping. -1 is the time before the first record.
        """
        if not self.events:
            return tensor
        for written, before in self._copies.get(storage_key(tensor), ()):
            if written > time:
                return None if before is None else _put(tensor, before, self.lie_of(tensor, time))
        lie = self.lie_of(tensor, time)
        return tensor if lie is None else _put(tensor, tensor.untyped_storage(), lie)

    def lie_of(self, tensor: Tensor, time: int) -> Lie | None:
        """How ``tensor`` lay in its memory after the record at ``time``; None where it still lies so."""
        return next((lie for written, lie in self._lies.get(id(tensor), ()) if written > time), None)


def storage_key(tensor: Tensor) -> int:
    """Equal for tensors that share memory; 0 for those that have none (sparse, wrapped)."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):
        return 0


def _is_fresh(tensor: Tensor, records: Sequence[Any]) -> bool:
    """Whether the last record made ``tensor`` and put nothing into it. torch detaches what it makes from nothing."""
    if not records or records[-1][3] is not tensor:
        return False
    func, args = records[-1][:2]
    if form_of(func).kind == "detach":
        return len(records) > 1 and records[-2][3] is args[0] and form_of(records[-2][0]).uninitialised
    return form_of(func).uninitialised


def _tensors(out: Any) -> Iterable[Tensor]:
    return [t for t in (out if isinstance(out, list | tuple) else (out,)) if isinstance(t, Tensor)]


def _lie(tensor: Tensor) -> Lie:
    return tuple(tensor.shape), tensor.stride(), int(tensor.storage_offset())


def _put(like: Tensor, storage: torch.UntypedStorage, lie: Lie | None) -> Tensor:
    shape, stride, offset = lie or _lie(like)
    return torch.empty(0, dtype=like.dtype, device=like.device).set_(storage, offset, shape, stride)
