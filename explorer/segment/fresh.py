"""Inputs of other sizes and with other numbers, made of those that a model was traced with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
import torch
from torch import Tensor
from torch.export import ExportedProgram
from torch.utils._pytree import tree_flatten, tree_unflatten

from explorer.segment.traced import user_inputs

_SEED = 11


def fresh(
    program: ExportedProgram, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Every size that the program leaves free is one smaller, or one larger where it has to be at least that.

    Numbers are drawn anew from those there are, so that they mean something still (token ids, masks).
    """
    order = program.call_spec.in_spec.child(1).context or []
    flat, spec = tree_flatten((tuple(args), {name: (kwargs or {})[name] for name in order}))
    nodes = {node.name: node for node in program.graph.find_nodes(op="placeholder")}
    samples = [nodes[name].meta.get("val") for name in user_inputs(program)]
    sizes = _sizes(program, flat, samples)
    generator = torch.Generator().manual_seed(_SEED)
    made = [_drawn(x, sample, sizes, generator) for x, sample in zip(flat, samples, strict=True)]
    positional, named = tree_unflatten(made, spec)
    return tuple(positional), dict(named)


def _sizes(program: ExportedProgram, flat: Sequence[Any], samples: Sequence[Any]) -> dict[sympy.Symbol, int]:
    """Another number for every free size."""
    found: dict[sympy.Symbol, int] = {}
    for x, sample in zip(flat, samples, strict=True):
        for length, size in zip(x.shape, sample.shape, strict=True) if isinstance(sample, Tensor) else ():
            if isinstance(size, torch.SymInt) and size.node.expr.is_symbol:
                found[size.node.expr] = _another(program, size.node.expr, int(length))
    return found


def _another(program: ExportedProgram, symbol: sympy.Symbol, length: int) -> int:
    allowed = program.range_constraints.get(symbol)
    if allowed is None or length - 1 >= max(1, allowed.lower):
        return max(1, length - 1)
    return length + 1 if length + 1 <= allowed.upper else length


def _drawn(x: Any, sample: Any, sizes: Mapping[sympy.Symbol, int], generator: torch.Generator) -> Any:
    if not isinstance(sample, Tensor) or not x.numel():
        return x
    shape = [int(size.node.expr.subs(sizes)) if isinstance(size, torch.SymInt) else size for size in sample.shape]
    places = torch.randint(x.numel(), shape, generator=generator)
    return x.detach().flatten()[places.to(x.device)]
