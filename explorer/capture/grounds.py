"""What a gradient of a model is taken with respect to: leaves of its own, without touching the user's tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, cast

from torch import Tensor
from torch.utils._pytree import tree_map_only

from explorer.capture.members import Members, tensors_in

Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]
FROZEN_INPUTS = "No parameter asks for a gradient, so gradients were taken with respect to the inputs."
FROZEN_PARAMETERS = (
    "No parameter asks for a gradient and no input is a floating-point number, so gradients were taken with respect "
    "to the parameters all the same."
)


@contextmanager
def differentiable(
    held: Members, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Iterator[tuple[Arguments, list[str]]]:
    """Arguments to call the model with, and notes on what was chosen.

    An input that comes out of a computation of its own is replaced by a leaf in the same memory. Where everything
    is frozen there would be no autograd graph: floating-point inputs are made leaves with a gradient, or, for
    want of such, parameters are thawed for the time of the block.
    """
    inputs = [tensor for _, tensor in tensors_in((args, kwargs), "")]
    if any(map(_wants_grad, held.weights)) or any(map(_wants_grad, inputs)):
        yield _own_leaves(args, kwargs, inputs), []
    elif any(tensor.is_floating_point() for tensor in inputs):
        yield tree_map_only(Tensor, _with_gradient, (args, dict(kwargs))), [FROZEN_INPUTS]
    else:
        thawed = [p for p in held.weights if p.is_floating_point()]
        try:
            for parameter in thawed:
                parameter.requires_grad_()
            yield (args, kwargs), [FROZEN_PARAMETERS] if thawed else []
        finally:
            for parameter in thawed:
                parameter.requires_grad_(False)


_wants_grad = attrgetter("requires_grad")


def _own_leaves(args: tuple[Any, ...], kwargs: Mapping[str, Any], inputs: list[Tensor]) -> Arguments:
    if all(tensor.is_leaf for tensor in inputs):
        return args, kwargs
    return cast(Arguments, tree_map_only(Tensor, _leaf, (args, dict(kwargs))))


def _leaf(tensor: Tensor) -> Tensor:
    return tensor if tensor.is_leaf else tensor.detach().requires_grad_()


def _with_gradient(tensor: Tensor) -> Tensor:
    return tensor.detach().requires_grad_() if tensor.is_floating_point() else tensor
