"""What torch's own operations (ATen) are called here: by the op table's name where the meaning is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor
from torch._ops import OpOverload

_SAME = {
    "mm": "matmul", "bmm": "matmul", "mv": "matmul", "linalg_vecdot": "dot", "t": "transpose",
    "clamp": "clip", "mse_loss": "mse", "nll_loss_forward": "nll_loss", "_to_copy": "to",
    "native_layer_norm": "layer_norm", "native_batch_norm": "batch_norm", "native_group_norm": "group_norm",
}  # fmt: skip
"""Other names for the same thing; a leading underscore falls off by itself."""

_OF_TWO = {"add", "sub", "mul", "div", "pow", "gt", "ge", "lt", "le", "eq", "ne", "maximum", "minimum"}
"""Operations of two tensors in the op table, for which ATen also takes a plain number or a further factor."""

_UNINITIALISED = {"empty", "empty_like", "empty_strided", "empty_permuted", "new_empty", "new_empty_strided"}


@dataclass(frozen=True, slots=True)
class Form:
    """What is known of an operation once and for all.

    ``plain`` is its name here; ``other`` its name when it is not called with two tensors and nothing else.
    An ``alias`` only hands its input on; a ``detach`` is often torch's own and of no use to anyone; the result of
    a ``list`` has no first among equals (``split``). ``fresh`` results live in memory of their own; what is
    ``uninitialised`` holds whatever was there before.
    """

    plain: str
    other: str
    kind: Literal["op", "alias", "detach", "list"]
    fresh: bool
    uninitialised: bool


FORMS: dict[int, Form] = {}
"""By the id of an operation; operations live for ever."""


def form_of(func: OpOverload) -> Form:
    """The form of an operation, found out at its first use."""
    try:
        return FORMS[id(func)]
    except KeyError:
        FORMS[id(func)] = form = _learn(func)
        return form


def base_name(func: OpOverload) -> str:
    """``add`` for ``aten.add.Tensor``."""
    return func._schema.name.partition("::")[2]


def op_name(form: Form, args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> str:
    """The name of one call: ``div`` of two tensors, but ``div.Scalar`` by a number."""
    if form.plain == form.other or (not kwargs and len(args) == 2 and isinstance(args[1], Tensor)):
        return form.plain
    return form.other


def _learn(func: OpOverload) -> Form:
    base = base_name(func)
    in_place = base.endswith("_") and not base.endswith("__")
    name = base.rstrip("_") if in_place else base
    plain = _SAME.get(name, name.lstrip("_").removeprefix("unsafe_"))
    other = f"{plain}.Scalar" if plain in _OF_TWO else plain
    fresh = all(result.alias_info is None for result in func._schema.returns)
    return Form(plain, other, _kind(base, func._schema.returns), fresh, base in _UNINITIALISED)


def _kind(base: str, returns: Sequence[Any]) -> Literal["op", "alias", "detach", "list"]:
    if base in {"lift_fresh", "lift"}:
        return "alias"
    if base == "detach":
        return "detach"
    return "list" if len(returns) == 1 and str(returns[0].type) == "List[Tensor]" else "op"
