"""Calls of torch's operations, with what the letters in their written derivatives stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.capture.aten import form_of, op_name
from explorer.ops import Op
from explorer.ops.explain import Explanation, explanation
from tests.ops.reading import softmax

aten = torch.ops.aten
Numbers = dict[str, Any]


def draw(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(100 * seed + sum(shape))
    return torch.randn(shape, dtype=torch.float64, generator=generator).requires_grad_()


def positive(*shape: int) -> Tensor:
    return (draw(*shape).detach().abs() + 0.3).requires_grad_()


def single(x: float) -> Tensor:
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


@dataclass
class Call:
    """One call of an operation. ``letters`` gives letters by the inputs; a formula in prose cannot be worked out."""

    op: Any
    args: tuple[Any, ...]
    kwargs: Numbers
    letters: Callable[..., Numbers]
    is_prose: bool

    @property
    def tensors(self) -> list[Tensor]:
        values = [*self.args, *self.kwargs.values()]
        flat = [part for value in values for part in (value if isinstance(value, list) else [value])]
        return [part for part in flat if isinstance(part, Tensor)]

    def explained(self) -> Op | Explanation:
        names = [argument.name for argument in self.op._schema.arguments]
        given = dict(zip(names, self.args, strict=False)) | self.kwargs
        numbers = {name: value for name, value in given.items() if not _has_tensors(value)}
        name = op_name(form_of(self.op), self.args, self.kwargs)
        return explanation(name, len(self.tensors), {**numbers, "target": str(self.op)})

    def result(self) -> Tensor:
        """The first of its results."""
        result = self.op(*self.args, **self.kwargs)
        return result[0] if isinstance(result, tuple) else result

    def known(self, y: Tensor, g: Tensor) -> Numbers:
        """What the slots and letters of its formulae stand for."""
        xs = [x.detach().numpy() for x in self.tensors]
        slots = {f"x{port}": x for port, x in enumerate(xs)}
        return {**slots, "y": y.detach().numpy(), "g": g.numpy(), **self.letters(*xs)}


def _has_tensors(value: Any) -> bool:
    return any(isinstance(part, Tensor) for part in (value if isinstance(value, list) else [value]))


def nothing(*_: Any) -> Numbers:
    return {}


def call(op: Any, *args: Any, letters: Callable[..., Numbers] = nothing, prose: bool = False, **kwargs: Any) -> Call:
    return Call(op, args, kwargs, letters, prose)


def normal(x: Any, axis: int = -1) -> Numbers:
    """z and s of a normalisation, with ``mean`` and ``var`` along its axis."""
    s = np.sqrt(x.var(axis, keepdims=True) + 1e-5)
    along = {"mean": lambda a: a.mean(axis, keepdims=True), "var": lambda a: a.var(axis, keepdims=True)}
    return {"z": (x - x.mean(axis, keepdims=True)) / s, "s": s, **along}


def scaled(x: Any, *_: Any) -> Numbers:
    s = np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)
    return {"z": x / s, "s": s}


def seen(x: Any, weight: Any, bias: Any, mean: Any, var: Any) -> Numbers:
    s = np.sqrt(var + 1e-5)
    return {"z": (x - mean) / s, "s": s}


def tanh_inside(x: Any) -> Numbers:
    return {"t": np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))}


def weights(q: Any, k: Any, v: Any, mask: Any = 0.0, scale: float | None = None, causal: bool = False) -> Numbers:
    d = q.shape[-1]
    hidden = np.triu(np.full((q.shape[-2], k.shape[-2]), -np.inf), 1) if causal else 0.0
    scores = q @ k.swapaxes(-1, -2) * (scale or d**-0.5) + mask + hidden
    return {"P": softmax(scores), "d": d, "causal_mask": hidden}


def target(x: Any, t: Any) -> Numbers:
    return {"at_target": np.arange(len(x)) == t, "one_at_target": np.eye(len(x))[t], "n": 1}


def places(rows: int, count: int) -> Callable[..., Numbers]:
    """Sums over those of ``count`` places for which a condition holds, for each of ``rows`` results."""

    def over_places(condition: Callable[[int, int], bool], term: Callable[[int], Any]) -> Any:
        return np.stack([sum((condition(i, k) * term(k) for k in range(count)), 0 * term(0)) for i in range(rows)])

    return lambda *_: {"over_places": over_places}


def entries(x: Any, *others: Any) -> Numbers:
    i, j = np.indices(x.shape if x.ndim == 2 else (len(x), len(others[0])))
    return {"i": i, "j": j}


def five(*_: Any) -> Numbers:
    return {"n": 5}


X, V, W, B = draw(3, 5), draw(5), draw(5, seed=1), draw(5, seed=2)
Q, K, U = draw(2, 4, 3), draw(2, 6, 3), draw(2, 6, 5)
MASK, TIMES = torch.tensor([True, False, True, False, False]), torch.tensor([2, 0, 2, 4])
MEAN, VARIANCE = draw(5, seed=3).detach(), positive(5).detach()
_attention, _clamp = aten.scaled_dot_product_attention.default, aten.clamp.default

CALLS = [
    call(aten.linear.default, draw(2, 3), draw(4, 3), draw(4)),
    call(aten.linear.default, draw(2, 3), draw(4, 3)),
    call(aten.addmm.default, draw(4), draw(2, 3), draw(3, 4)),
    call(aten.addmm.default, draw(4), draw(2, 3), draw(3, 4), beta=-2, alpha=0.5),
    call(aten.baddbmm.default, draw(5, 2, 4), draw(5, 2, 3), draw(5, 3, 4)),
    call(aten.mm.default, draw(2, 3), draw(3, 4)),
    call(aten.bmm.default, draw(5, 2, 3), draw(5, 3, 4)),
    call(aten.outer.default, draw(3), draw(4), letters=entries),
    *(call(aten.native_layer_norm.default, X, [5], w, b, 1e-5, letters=lambda x, *_: normal(x))
      for w in (W, None) for b in (B, None)),
    *(call(aten.rms_norm.default, X, [5], w, 1e-5, letters=scaled) for w in (W, None)),
    call(aten.batch_norm.default, X, W, B, MEAN, VARIANCE, True, 0.1, 1e-5, False, letters=lambda x, *_: normal(x, 0)),
    call(aten.batch_norm.default, X, W, B, MEAN, VARIANCE, False, 0.1, 1e-5, False, letters=seen),
    call(_attention, Q, K, U, letters=weights),
    call(_attention, Q, K, U, draw(4, 6), letters=weights),
    call(_attention, Q, K, U, None, 0.0, True, letters=lambda *x: weights(*x, causal=True)),
    call(_attention, Q, K, U, scale=0.25, letters=lambda *x: weights(*x, scale=0.25)),
    call(aten.silu.default, V), call(aten.gelu.default, V, approximate="tanh", letters=tanh_inside),
    call(aten.rsqrt.default, positive(5)), call(aten.reciprocal.default, V), call(aten.erf.default, V),
    call(aten.log1p.default, positive(5)),
    call(aten.log_sigmoid_forward.default, V), call(aten.log_sigmoid.default, V),
    call(aten.leaky_relu.default, V, 0.25), call(aten.elu.default, V, 1.5),
    call(aten.add.Tensor, V, -0.5), call(aten.add.Tensor, V, W, alpha=-2), call(aten.add.Tensor, X, V, alpha=3),
    call(aten.sub.Tensor, V, -0.5), call(aten.sub.Tensor, V, W, alpha=2), call(aten.rsub.Scalar, V, -2.0),
    call(aten.mul.Tensor, V, -2.0), call(aten.div.Tensor, V, -2.0),
    call(aten.div.Tensor_mode, V, 0.25, rounding_mode="floor"),
    call(aten.floor_divide.Scalar, V.detach(), 0.25), call(aten.floor_divide.default, V.detach(), W.detach()),
    call(aten.pow.Tensor_Scalar, V, 2), call(aten.pow.Tensor_Scalar, positive(5), -1.5),
    call(aten.pow.Scalar, 2.0, V), call(aten.pow.Tensor_Tensor, positive(5), V),
    call(aten.remainder.Scalar, V, 0.75),
    *(call(getattr(aten, name).Scalar, V, 0.25) for name in ("gt", "ge", "lt", "le", "eq", "ne")),
    *(call(_clamp, single(x), *bounds) for x in (-0.75, 0.25, 0.75) for bounds in ((-0.5, 0.5), (-0.5,), (None, 0.5))),
    *(call(aten.hardtanh.default, single(x), -0.5, 0.5) for x in (-0.75, -0.5, 0.25, 0.5, 0.75)),
    call(aten.clamp_min.default, single(0.5), 0.25), call(aten.clamp_max.default, single(0.5), 0.25),
    call(aten.tril.default, X, letters=entries), call(aten.triu.default, X, 1, letters=entries),
    call(aten.tril.default, X, -1, letters=entries),
    call(aten.masked_fill.Scalar, V, MASK, float("-inf")), call(aten.masked_fill.Scalar, X, MASK, 2.0),
    call(aten.where.ScalarSelf, MASK, 2.0, V), call(aten.where.ScalarOther, MASK, V, -2.0),
    call(aten.cumsum.default, V, 0, letters=places(5, 5)),
    call(aten.var.correction, V, [0], correction=1, letters=five),
    call(aten.std.correction, V, [0], correction=0, letters=five),
    call(aten.logsumexp.default, V, [0]), call(aten.mean.default, V, letters=five), call(aten.sum.default, V),
    call(aten._softmax.default, V, 0, False), call(aten._log_softmax.default, V, 0, False),
    call(aten.embedding.default, X, torch.tensor([2, 0, 2]), letters=places(3, 3)),
    call(aten.index.Tensor, V, [TIMES], letters=places(5, 4)),
    call(aten.index_select.default, V, 0, TIMES, letters=places(5, 4), prose=True),
    call(aten.gather.default, V, 0, TIMES, letters=places(5, 4), prose=True),
    *(call(aten.nll_loss_forward.default, V, torch.tensor(3), None, r, -100, letters=target) for r in (0, 1, 2)),
    *(call(aten.cross_entropy_loss.default, V, torch.tensor(3), None, r, letters=target) for r in (0, 1, 2)),
    *(call(aten.mse_loss.default, V, W, r, letters=five) for r in (0, 1, 2)),
    call(aten.binary_cross_entropy_with_logits.default, V, torch.sigmoid(W).detach(), letters=five),
    call(aten.clone.default, V), call(aten.alias.default, V), call(aten._to_copy.default, V),
    call(aten.dropout.default, V, 0.5, False), call(aten.t.default, X),
    call(aten.expand.default, draw(1, 5), [3, 5], prose=True),
]  # fmt: skip
"""Between them they use every formula that can be worked out."""
