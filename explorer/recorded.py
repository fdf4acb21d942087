"""What a model did, done again: each recorded operation by torch itself, from the tensors at its ports.

An operation with several results gives a list; a ``getitem`` behind it takes one of them by number. Everything else
stands for its first result. What was drawn at random is drawn again from the generator's state of the trace, with all
operations in their order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.autograd import forward_ad

from explorer import differentiate
from explorer.differentiate import Number, Pushed
from explorer.errors import RunError
from explorer.graph import LEAVES, Graph


def is_recorded(graph: Graph, node: int) -> bool:
    """Whether a node is a model's: only torch knows how it is computed, or it is one of several results."""
    attrs = graph.attrs.get(node, {})
    return "call" in attrs or is_piece(graph, node)


def is_piece(graph: Graph, node: int) -> bool:
    """Whether a node is one result, by number, of an operation that has several."""
    return graph.ops[node] == "getitem" and "call" not in graph.attrs.get(node, {})


def unknown(graph: Graph) -> str:
    """The id of the first operation that cannot be done again, because torch did it out of sight; "" without one."""
    for node, op in enumerate(graph.ops):
        if op not in LEAVES and not is_recorded(graph, node) and differentiate.call_of(graph, node) is None:
            return graph.ids[node]
    return ""


@lru_cache(maxsize=4096)
def operator(target: str) -> OpOverload | None:
    """torch's operation of a name such as ``aten.add.Tensor``."""
    space, name, overload = [*target.split("."), "", ""][:3]
    found = getattr(getattr(getattr(torch.ops, space, None), name, None), overload, None)
    return found if isinstance(found, OpOverload) else None


def is_random(graph: Graph, node: int) -> bool:
    """Whether a recorded operation draws numbers; dropout does not in evaluation, nor attention without any."""
    attrs = graph.attrs.get(node, {})
    found = operator(str(attrs.get("target", "")))
    if found is None or torch.Tag.nondeterministic_seeded not in found.tags:
        return False
    is_off = attrs.get("train", True) is False or attrs.get("training", True) is False
    has_share = any(argument.name == "dropout_p" for argument in found._schema.arguments)
    return not is_off and not (has_share and not attrs.get("dropout_p", 0.0))


def is_writing(graph: Graph, node: int) -> bool:
    """Whether a recorded operation wrote into one of its inputs, as a running mean is kept."""
    found = operator(str(graph.attrs.get(node, {}).get("target", "")))
    return found is not None and found._schema.is_mutable


# Values ----------------------------------------------------------------------------------------------------------


def play(graph: Graph, given: Mapping[int, Tensor], draws: Tensor | None = None) -> Iterator[tuple[int, Any]]:
    """Every node with its result, in execution order, as autograd sees it; what is ``given`` stands.

    ``draws`` is the state of torch's generator that the trace began with. Raises RunError, naming the operation, where
    one cannot be done again.
    """
    name = unknown(graph)
    if name:
        raise RunError(_out_of_sight(name))
    results: list[Any] = []
    parted = {graph.inputs[node][0] for node in range(len(graph)) if is_piece(graph, node)}
    with _drawing(draws):
        for node in range(len(graph)):
            is_given, has_parts = node in given, node in parted and graph.ops[node] not in LEAVES
            if not is_given or has_parts or is_random(graph, node):  # what is drawn unused is drawn all the same
                results.append(_result(graph, node, results))
            if is_given:
                results[node:] = [(given[node], *results[node][1:]) if has_parts else given[node]]
            yield node, results[node]


def _out_of_sight(name: str) -> str:
    return f"{name!r} cannot be done again: torch did it out of sight, and only the model itself repeats it."


def again(
    graph: Graph, values: Sequence[Number | None], changed: Mapping[int, Tensor], wanted: int, draws: Tensor | None
) -> Tensor:
    """The value of ``wanted``, were the nodes ``changed`` to hold other values; only what lies between is computed,
    where nothing is drawn at random. Raises RunError.
    """
    with torch.no_grad():
        between = _between(graph, changed, wanted)
        if any(is_random(graph, node) for node in between):
            leaves = {
                i: differentiate.as_tensor(_known(graph, values, i)) for i, op in enumerate(graph.ops) if op in LEAVES
            }
            return _one(next(result for node, result in play(graph, {**leaves, **changed}, draws) if node == wanted))
        moved: dict[int, Any] = dict(changed)
        for node in between:
            sources = graph.inputs[node]
            moved[node] = _result(
                graph, node, {s: moved[s] if s in moved else _known(graph, values, s) for s in sources}
            )
        return _one(moved.get(wanted, values[wanted]))


def _between(graph: Graph, changed: Collection[int], wanted: int) -> Sequence[int]:
    """The nodes up to ``wanted`` that depend on those that changed. Further results of one that changed do not: it is
    its first that is another.
    """
    moved, found = set(changed), list[int]()
    for node in range(min(changed), wanted + 1):
        sources = graph.inputs[node]
        if is_piece(graph, node):
            sources = tuple(source for source in sources[:1] if source not in changed)
        if node not in moved and not moved.isdisjoint(sources):
            moved.add(node)
            found.append(node)
    return found


def first(result: Any) -> Tensor | None:
    """The value that a node of this result has: None of a list, which has no first among equals."""
    found = result[0] if isinstance(result, tuple) else result
    return found if isinstance(found, Tensor) else None


@contextmanager
def _drawing(draws: Tensor | None) -> Iterator[None]:
    with torch.random.fork_rng([]):
        if draws is not None:
            torch.set_rng_state(draws)
        yield


def _result(graph: Graph, node: int, results: Sequence[Any] | Mapping[int, Any]) -> Any:
    """Without a graph of autograd's where the trace had none; never the very tensor that went in."""
    sources = graph.inputs[node]
    if is_piece(graph, node):
        return results[sources[0]][graph.attrs[node]["index"]]
    if graph.ops[node] in LEAVES:
        raise RunError(f"{graph.ids[node]!r} has no value: give it one.")
    inputs = [_one(results[source]) for source in sources]
    with torch.set_grad_enabled(torch.is_grad_enabled() and (graph.requires_grad[node] or not graph.dtypes[node])):
        found = _raw(graph, node, inputs)
    return found.view_as(found) if any(found is x for x in inputs) else found


def _raw(graph: Graph, node: int, inputs: Sequence[Tensor]) -> Any:
    call = graph.attrs.get(node, {}).get("call") or differentiate.call_of(graph, node)
    if call is None:
        raise RunError(_out_of_sight(graph.ids[node]))
    try:
        return call(*inputs)
    except (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise RunError(f"{graph.ids[node]!r} ({graph.ops[node]}) cannot be done again: {reason}") from error


def _one(result: Any) -> Tensor:
    found: Tensor = result[0] if isinstance(result, list | tuple) else result
    return found


# Derivatives, one operation at a time ----------------------------------------------------------------------------


def hand_on(
    graph: Graph, values: Sequence[Number | None], node: int, upstream: Number, number: int = 0
) -> Sequence[Number | None]:
    """The contribution at every port, for any upstream gradient of the result of that ``number``.

    What goes on to a ``getitem``'s source is for the result that it takes (``number_at``). ``None`` where a port has
    no derivative.
    """
    if not is_recorded(graph, node):
        return differentiate.hand_on(graph, values, node, upstream)
    if is_piece(graph, node):
        return [upstream, *[None] * (len(graph.inputs[node]) - 1)]
    _refuse_random(graph, node)
    wanted = [graph.requires_grad[source] or not graph.dtypes[source] for source in graph.inputs[node]]
    leaves = [_leaf(_known(graph, values, s), asks) for s, asks in zip(graph.inputs[node], wanted, strict=True)]
    asking = [leaf for leaf in leaves if leaf.requires_grad]
    with torch.enable_grad():
        result = _raw(graph, node, leaves)
    result = result[number] if isinstance(result, list | tuple) else result
    if not asking or not result.requires_grad:
        return [None] * len(leaves)
    pulled = iter(torch.autograd.grad(result, asking, _like(upstream, result), allow_unused=True))
    return [next(pulled) if leaf.requires_grad else None for leaf in leaves]


def number_at(graph: Graph, node: int) -> int:
    """Which result of its source a node reads."""
    return int(graph.attrs[node]["index"]) if is_piece(graph, node) else 0


def push_forward(graph: Graph, values: Sequence[Number | None], wrt: int, seed: Number) -> Pushed:
    """Forward mode by torch's dual numbers: tangents per node, contributions per edge number, the nodes that move.

    Raises RunError, naming the operation, where torch has no forward mode for it.
    """
    moved: list[Any] = [None] * len(graph)
    tangents: list[Number | None] = [None] * len(graph)
    contributions: list[Number | None] = [None] * graph.edge_starts[-1]
    moved[wrt] = tangents[wrt] = _like(seed, differentiate.as_tensor(_known(graph, values, wrt)))
    order = [wrt]
    for node in range(wrt + 1, len(graph)):
        for port, source in enumerate(graph.inputs[node]):
            if moved[source] is None or not _moves(graph, node):
                continue
            part = _pushed(graph, values, node, port, moved[source])
            contributions[graph.edge_starts[node] + port] = first(part)
            moved[node] = _sum(moved[node], part)
        tangents[node] = first(moved[node])
        if tangents[node] is not None:
            order.append(node)
    return tangents, contributions, order


def _moves(graph: Graph, node: int) -> bool:
    return graph.requires_grad[node] or not graph.dtypes[node] or is_piece(graph, node)


def _pushed(graph: Graph, values: Sequence[Number | None], node: int, port: int, tangent: Any) -> Any:
    """What one port brings to the tangents of a node's results."""
    if is_piece(graph, node):
        return tangent[graph.attrs[node]["index"]] if port == 0 else None
    if first(tangent) is None:
        return None
    _refuse_random(graph, node)
    inputs = [differentiate.as_tensor(_known(graph, values, source)).detach() for source in graph.inputs[node]]
    with torch.no_grad(), forward_ad.dual_level():
        inputs[port] = forward_ad.make_dual(_apart(inputs[port]), first(tangent))
        result = _raw(graph, node, inputs)
        parts = result if isinstance(result, list | tuple) else (result,)
        found = [forward_ad.unpack_dual(x).tangent if isinstance(x, Tensor) else None for x in parts]
    found = [None if x is None else x.clone() for x in found]
    return type(result)(found) if isinstance(result, list | tuple) else found[0]


def _apart(tensor: Tensor) -> Tensor:
    """With memory of its own for every entry: torch lays out a tangent as its tensor, and cannot where some share."""
    is_spread = any(stride == 0 and size > 1 for stride, size in zip(tensor.stride(), tensor.shape, strict=True))
    return tensor.contiguous() if is_spread else tensor


def _sum(one: Any, two: Any) -> Any:
    if one is None or two is None:
        return two if one is None else one
    if isinstance(one, list | tuple):
        return type(one)(_sum(a, b) for a, b in zip(one, two, strict=True))
    return one + two


def _refuse_random(graph: Graph, node: int) -> None:
    if is_random(graph, node):
        raise RunError(
            f"{graph.ids[node]!r} ({graph.ops[node]}) draws random numbers, and would draw others alone. "
            "Switch the model to evaluation."
        )


def _leaf(value: Number, asks: bool) -> Tensor:
    leaf = differentiate.as_tensor(value).detach()
    return leaf.requires_grad_() if asks and leaf.is_floating_point() else leaf


def _like(number: Number, tensor: Tensor) -> Tensor:
    return differentiate.as_tensor(number).to(tensor.dtype).reshape(tensor.shape)


def _known(graph: Graph, values: Sequence[Number | None], node: int) -> Number:
    value = values[node]
    if value is None and graph.attrs.get(node, {}).get("uninitialised"):
        return torch.zeros(graph.shapes[node], dtype=getattr(torch, graph.dtypes[node]))  # any numbers are right
    if value is None:
        raise RunError("A value that is needed was not kept in the trace. Trace the model again.")
    return value
