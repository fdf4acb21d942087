"""Modules of torch that are known by heart: one call while the model runs, ATen's operations when somebody looks.

To ATen ``nn.Linear`` is a product of matrices between views, up to four operations; in a transformer a third of all are
of this kind. To see them one by one costs more than most of them cost themselves. What lies between argument and result
is in the memory of either, so it is made again out of them when it is asked for; nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, is_grad_enabled, nn, strided
from torch._C import (
    _is_any_autocast_enabled,
    _len_torch_dispatch_stack,
    _len_torch_function_stack,
    _pop_torch_dispatch_stack,
    _push_on_torch_dispatch_stack,
)
from torch._C._functorch import peek_interpreter_stack
from torch.autograd import forward_ad
from torch.autograd.graph import Node as GradNode
from torch.backends import cudnn
from torch.nn import Parameter
from torch.nn.functional import linear

GradNodes = dict[int, GradNode]
"""The autograd nodes of tensors that stand for others, by the id of the one that stands there."""

Note = Callable[[Any, Sequence[Any], Any], None]
"""What is told of a call: function, arguments and result."""

Arguments = tuple[Any, ...]
_aten = torch.ops.aten


def by_heart(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any], note: Note) -> Tensor | None:
    """What a module of one of the classes in ``KNOWN`` gives. ``note`` is told of the call, of which the dispatch mode
    that looks on sees nothing.

    None where all has to be seen: of what is out of the ordinary (tensors that are not plain, gradients off, autocast,
    transforms, other modes that look on), and of what raises.
    """
    if (
        len(args) != 1
        or kwargs
        or not is_grad_enabled()
        or _is_any_autocast_enabled()
        or _len_torch_dispatch_stack() != 1
        or _len_torch_function_stack()
        or peek_interpreter_stack() is not None
        or forward_ad._current_level >= 0
    ):
        return None
    func, arguments = KNOWN[type(module)]
    registered = module._parameters
    given = arguments(module, args[0], registered.get("weight", False), registered.get("bias", False))
    if given is None:
        return None
    mode = _pop_torch_dispatch_stack(None)
    try:
        out: Tensor = func(*given)
    except Exception:
        return None
    finally:
        _push_on_torch_dispatch_stack(mode)
    note(func, given, out)
    return out


def _is_plain(x: Any, weight: Any, bias: Any) -> bool:
    """Whether these are an input and parameters of the usual kind.

    A parameter that there is not is None, and False where none is registered and a module may have put it elsewhere.
    """
    return (
        type(x) is Tensor
        and x.is_cpu
        and x.layout is strided
        and (weight is None or (type(weight) is Parameter and weight.layout is strided))
        and (bias is None or type(bias) is Parameter)
    )


def _of_linear(module: nn.Linear, x: Any, weight: Any, bias: Any) -> Arguments | None:
    fits = weight is not None and _is_plain(x, weight, bias) and x.dim() > 1 and weight.dim() == 2
    return (x, weight, bias) if fits and x.is_contiguous() else None


def _of_layer_norm(module: nn.LayerNorm, x: Any, weight: Any, bias: Any) -> Arguments | None:
    if not _is_plain(x, weight, bias):
        return None
    return x, module.normalized_shape, weight, bias, module.eps, cudnn.enabled


def _of_embedding(module: nn.Embedding, x: Any, weight: Any, bias: Any) -> Arguments | None:
    is_simple = module.padding_idx is None and module.max_norm is None
    if not is_simple or module.scale_grad_by_freq or module.sparse or not _is_plain(x, weight, None):
        return None
    return weight, x


def write_out(record: Sequence[Any], grad_fns: GradNodes) -> Iterator[tuple[Any, ...]]:
    """The operations behind the record of one call, as records; to be asked for with gradients off.

    The autograd nodes of tensors that are made for it are added to ``grad_fns``.
    """
    func, args, _, out, *where = record
    for operation in OPERATIONS[func](args, out, grad_fns):
        yield *operation, *where


def _linear_operations(args: Arguments, out: Tensor, grad_fns: GradNodes) -> Iterator[tuple[Any, ...]]:
    """See ``linear``, ``_flatten_nd_linear`` and ``matmul`` in ATen's own code (Linear.cpp, LinearAlgebra.cpp)."""
    x, weight, bias = args
    is_flat = x.dim() == 2
    fn = out.grad_fn if is_flat else _before(out.grad_fn, 0)
    columns = _stand_in(weight.t(), _before(fn, -1), grad_fns)
    rows = x if is_flat else _stand_in(x.flatten(0, -2), _before(fn, -2), grad_fns)
    product = out if is_flat else out._base
    if product is None:
        product = _stand_in(out.flatten(0, -2), fn, grad_fns)

    if bias is None:
        yield _aten.t.default, (weight,), None, columns
    if not is_flat:
        yield _aten.view.default, (x, [*rows.shape]), None, rows
    if bias is None:
        yield _aten.mm.default, (rows, columns), None, product
    else:
        yield _aten.t.default, (weight,), None, columns
        yield _aten.addmm.default, (bias, rows, columns), None, product
    if not is_flat:
        unflatten = _aten._unsafe_view.default if bias is None else _aten.view.default
        yield unflatten, (product, [*out.shape]), None, out


def _stand_in(tensor: Tensor, fn: GradNode | None, grad_fns: GradNodes) -> Tensor:
    if fn is not None:
        grad_fns[id(tensor)] = fn
    return tensor


def _before(fn: GradNode | None, edge: int) -> GradNode | None:
    return None if fn is None else fn.next_functions[edge][0]


def _layer_norm_operations(args: Arguments, out: Tensor, _: GradNodes) -> Iterator[tuple[Any, ...]]:
    x, shape, weight, bias, eps, _cudnn = args
    yield _aten.native_layer_norm.default, (x, [*shape], weight, bias, eps), None, (out, None, None)


def _embedding_operations(args: Arguments, out: Tensor, _: GradNodes) -> Iterator[tuple[Any, ...]]:
    yield _aten.embedding.default, args, None, out


KNOWN: Mapping[type, tuple[Callable[..., Any], Callable[..., Arguments | None]]] = {
    nn.Linear: (linear, _of_linear),
    nn.LayerNorm: (torch.layer_norm, _of_layer_norm),
    nn.Embedding: (torch.embedding, _of_embedding),
}
"""By class what it calls, and with which arguments."""

OPERATIONS = {
    linear: _linear_operations,
    torch.layer_norm: _layer_norm_operations,
    torch.embedding: _embedding_operations,
}
"""The functions that stand in records for all their operations, and what tells these."""
