"""The proof that the parts together are the whole: the same outputs, and the same gradient of every parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from explorer.errors import SegmentError
from explorer.segment.split import Split

_SEED = 7


@dataclass(frozen=True)
class Parity:
    """Of one run of both: ``output_difference`` and ``gradient_difference`` are the largest, each relative to the
    largest number in the tensor or to 1; ``worst`` names the parameter, "" where all gradients are equal.

    ``outputs_equal`` and ``gradients_equal``: to the last bit. ``shapes`` are those of the inputs.
    """

    shapes: tuple[tuple[int, ...], ...]
    outputs_equal: bool
    gradients_equal: bool
    output_difference: float
    gradient_difference: float
    worst: str

    @property
    def bit_equal(self) -> bool:
        return self.outputs_equal and self.gradients_equal

    @property
    def said(self) -> str:
        """The proof in a line."""
        inputs = ", ".join("×".join(map(str, shape)) or "a number" for shape in self.shapes)
        if self.bit_equal:
            return f"On inputs of {inputs}: outputs and gradients are bit-equal to the whole model's."
        outputs = "bit-equal" if self.outputs_equal else f"up to {self.output_difference:.2g} apart"
        if self.gradients_equal:
            return f"On inputs of {inputs}: outputs are {outputs}, gradients are bit-equal."
        apart = f"up to {self.gradient_difference:.2g} apart"
        return f"On inputs of {inputs}: outputs are {outputs}, gradients {apart}, most in {self.worst or 'none'}."


def verify(split: Split, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> Parity:
    """Runs the segments one after the other, and the whole model, forward and backward, on the same inputs.

    What is differentiated is a sum of all outputs with weights drawn once, so that no error cancels. Copies of one
    parameter have their gradients added. The model, its gradients and its buffers stay as they are.
    """
    kwargs = dict(kwargs or {})
    module = split.exported.module_of_its_own()
    mine = dict(module.named_parameters())
    parts = split.copies()
    named = {name: mine[name] for name in parts if name in mine}
    out, grads = _both(lambda: module(*args, **kwargs), {name: [p] for name, p in named.items()})
    out_parts, grads_parts = _both(lambda: split.run(args, kwargs), {name: parts[name] for name in named})
    if len(out) != len(out_parts):
        raise SegmentError(f"The segments gave {len(out_parts)} tensors, and the model {len(out)}.")
    pairs = {name: (grads[name], grads_parts[name]) for name in named}
    apart = {name: _difference(*pair) for name, pair in pairs.items()}
    worst = max(apart, key=apart.__getitem__, default="")
    return Parity(
        tuple(tuple(x.shape) for x in tree_leaves((tuple(args), kwargs)) if isinstance(x, Tensor)),
        all(torch.equal(a, b) for a, b in zip(out, out_parts, strict=True)),
        all(_same(*pair) for pair in pairs.values()),
        max([_difference(a, b) for a, b in zip(out, out_parts, strict=True)], default=0.0),
        apart.get(worst, 0.0),
        worst if apart.get(worst) else "",
    )


def _both(
    call: Callable[[], Any], wanted: Mapping[str, Sequence[Tensor]]
) -> tuple[list[Tensor], dict[str, Tensor | None]]:
    """The tensors of an output, and the gradient of each parameter, added up over its copies."""
    with torch.random.fork_rng([]), torch.enable_grad():
        torch.manual_seed(_SEED)
        out = [x for x in tree_leaves(call()) if isinstance(x, Tensor)]
        loss = sum(((x * _weights(x)).sum() for x in out if x.is_floating_point() and x.requires_grad), torch.zeros(()))
    copies = [copy for each in wanted.values() for copy in each]
    asking = [copy for copy in copies if copy.requires_grad]
    found = dict(zip(map(id, asking), _grad(loss, asking), strict=True))
    return [x.detach() for x in out], {
        name: _sum([found.get(id(copy)) for copy in each]) for name, each in wanted.items()
    }


def _grad(loss: Tensor, wanted: Sequence[Tensor]) -> Sequence[Tensor | None]:
    if not loss.requires_grad or not wanted:
        return [None] * len(wanted)
    return torch.autograd.grad(loss, wanted, allow_unused=True)


def _weights(x: Tensor) -> Tensor:
    generator = torch.Generator(x.device).manual_seed(_SEED)
    return torch.rand(x.shape, generator=generator, device=x.device, dtype=torch.float32).to(x.dtype) + 0.5


def _sum(grads: Sequence[Tensor | None]) -> Tensor | None:
    there = [grad for grad in grads if grad is not None]
    return sum(there[1:], there[0]) if there else None


def _same(one: Tensor | None, two: Tensor | None) -> bool:
    return one is two if one is None or two is None else torch.equal(one, two)


def _difference(one: Tensor | None, two: Tensor | None) -> float:
    if one is None or two is None:
        given = one if two is None else two
        return 0.0 if given is None or not given.any() else float("inf")
    if one.shape != two.shape:
        return float("inf")
    if not one.numel():
        return 0.0
    a, b = one.double(), two.double()
    return float((a - b).abs().max() / a.abs().max().clamp(min=1.0))
