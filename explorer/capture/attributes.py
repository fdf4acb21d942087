"""What is known of a recorded node beside its columns; put together when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from types import CodeType
from typing import Any, cast

from torch import Tensor
from torch._ops import OpOverload
from torch.autograd import forward_ad
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from explorer.capture.assemble import Assembly
from explorer.capture.aten import base_name
from explorer.capture.overwrites import WRITTEN


class Attributes(Mapping[int, Mapping[str, Any]]):
    """Per node its ATen ``target``, its arguments that are no tensors, the class of its ``module``, its ``file``.

    ``grad_fn`` is torch's own name for what differentiates it.
    ``call`` computes the node once more from tensors, one per port; of several results it gives them all.
    """

    def __init__(self, assembly: Assembly, records: Sequence[Any], aliases: Mapping[str, Sequence[str]]) -> None:
        self._assembly, self._records, self._aliases = assembly, records, aliases

    def __len__(self) -> int:
        return len(self._assembly.rows)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def __getitem__(self, node: int) -> Mapping[str, Any]:
        if not 0 <= node < len(self):
            raise KeyError(node)
        origin = self._assembly.origins[node]
        found = _of_record(self._records[origin]) if origin >= 0 else {}
        also = self._aliases.get(self._assembly.rows[node][2])
        found |= self._assembly.extras.get(node, {}) | ({"also": tuple(also)} if also else {})
        return found | ({"grad_fn": self._grad_fns[node]} if node in self._grad_fns else {})

    @cached_property
    def _grad_fns(self) -> Mapping[int, str]:
        """Of several autograd nodes inside one operation the last, whose result is the operation's."""
        names: dict[int, str] = {}
        for fn, node in self._assembly.ties.owner.items():
            names.setdefault(node, fn.name())
        return names


def _of_record(record: Any) -> dict[str, Any]:
    func, args, kwargs, _, call, place = record
    names = [argument.name for argument in func._schema.arguments]
    given = dict(zip(names, args, strict=False)) | dict(kwargs or {})
    plain = {name: value for name, value in given.items() if not _holds_tensor(value)}
    where = {} if place is None else _where(place[0])
    again = partial(_call, func, args, kwargs or {})
    return {**plain, "target": str(func), "module": call.kind, **where, "call": again}


def _where(code: CodeType | str) -> dict[str, str]:
    return {"file": code} if isinstance(code, str) else {"file": code.co_filename, "function": code.co_qualname}


def _call(func: OpOverload, args: Sequence[Any], kwargs: Mapping[str, Any], *inputs: Tensor) -> Any:
    ports = iter(inputs)
    written = WRITTEN.get(id(func), ())
    if forward_ad._current_level >= 0 and base_name(func) in _FUSED:
        func = cast(OpOverload, _attention)

    def put(key: str | int, value: Any) -> Any:
        if isinstance(value, Tensor):
            return next(ports).clone() if key in written else next(ports)
        return [put(key, part) for part in value] if isinstance(value, list | tuple) else value

    positional = [put(place, value) for place, value in enumerate(args)]
    return func(*positional, **{name: put(name, value) for name, value in kwargs.items()})


_FUSED = {"_scaled_dot_product_flash_attention_for_cpu", "scaled_dot_product_attention"}
"""Attention as one kernel has no forward mode; as matrix products and a softmax it has."""


def _attention(q: Tensor, k: Tensor, v: Tensor, *others: Any, **named: Any) -> Any:
    """The same by matrix products. The kernel takes the mask by name, after the share of dropout; torch's own function
    before it.
    """
    mask = [part for part in others if isinstance(part, Tensor)]
    plain = [part for part in others if not isinstance(part, Tensor) and part is not None]
    if mask:
        named["attn_mask"] = mask[0]
    named |= dict(zip(("dropout_p", "is_causal"), plain, strict=False))
    with sdpa_kernel(SDPBackend.MATH):
        return scaled_dot_product_attention(q, k, v, **{name: x for name, x in named.items() if x is not None})


def _holds_tensor(value: Any) -> bool:
    return isinstance(value, Tensor) or (isinstance(value, list | tuple) and any(map(_holds_tensor, value)))
