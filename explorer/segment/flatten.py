"""An exported program as one flat graph, its operations in the order in which its run executed them.

torch.export wraps what ran without gradients into a graph of its own (the rotary tables of Llama). Put back in place,
each result of such a part is detached, which is what running without gradients comes to. What such a part writes in
place (RWKV scales its weights) is detached while it is written, and keeps its own gradient afterwards.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import torch
from torch import Tensor, fx
from torch._ops import HigherOrderOperator, OpOverload
from torch.export import ExportedProgram
from torch.fx.node import map_arg

from explorer.errors import SegmentError

_ADDED = "added"
"""Marks a node that no run records."""


@dataclass
class Flat:
    """``constants`` are the tensors behind the graph's ``get_attr`` nodes, by their targets."""

    graph: fx.Graph
    constants: dict[str, Tensor] = field(default_factory=dict)

    @property
    def operations(self) -> list[fx.Node]:
        """The calls that a run records, in its order."""
        return [n for n in self.graph.nodes if isinstance(n.target, OpOverload) and _ADDED not in n.meta]


def flatten(program: ExportedProgram) -> Flat:
    """The program's graph with all parts in place. Raises SegmentError for a part that has a meaning of its own."""
    flat = Flat(fx.Graph())
    flat.graph.output(_inline(program.graph_module, program.graph, {}, flat, grad=True))
    return flat


def is_tensor(node: fx.Node) -> bool:
    return isinstance(node.meta.get("val"), Tensor)


def is_number(node: fx.Node) -> bool:
    """Whether a node is a size, or is computed from sizes."""
    return isinstance(node.meta.get("val"), int | float | torch.SymInt | torch.SymFloat | torch.SymBool)


def _inline(module: fx.GraphModule, graph: fx.Graph, env: dict[fx.Node, Any], flat: Flat, *, grad: bool) -> Any:
    """Appends a graph and gives its output. ``env`` says what stands for its nodes; for a part, for its inputs."""
    for node in graph.nodes:
        if node.op == "output":
            return map_arg(node.args[0], env.__getitem__)
        if node not in env:
            env[node] = _stand_in(module, node, env, flat, grad)
    raise SegmentError("The exported graph has no output.")


def _stand_in(module: fx.GraphModule, node: fx.Node, env: dict[fx.Node, Any], flat: Flat, grad: bool) -> Any:
    """A node of the flat graph; for a part, the tuple of its results."""
    if node.op == "get_attr":
        return _attribute(reduce(getattr, str(node.target).split("."), module), node, flat)
    if isinstance(node.target, HigherOrderOperator):
        return _part(node, env, flat, grad)
    if node.target is operator.getitem and isinstance(env[node.all_input_nodes[0]], tuple):
        return env[node.all_input_nodes[0]][node.args[1]]
    if grad:
        return flat.graph.node_copy(node, env.__getitem__)
    if not _is_in_place(node):
        return _detached(flat, flat.graph.node_copy(node, env.__getitem__))
    written = flat.graph.node_copy(node, lambda x: _detached(flat, env[x]))
    return _added(flat, operator.getitem, ((written, env[node.all_input_nodes[0]]), 1))


def _is_in_place(node: fx.Node) -> bool:
    """Whether an operation writes its first argument, and gives it back."""
    if not isinstance(node.target, OpOverload):
        return False
    first = node.target._schema.arguments[:1]
    return any(argument.alias_info is not None and argument.alias_info.is_write for argument in first)


def _detached(flat: Flat, node: fx.Node) -> fx.Node:
    if not is_tensor(node):
        return node
    return _added(flat, torch.ops.aten.detach.default, (node,))


def _added(flat: Flat, target: Any, args: tuple[Any, ...]) -> fx.Node:
    """A node that no run records. It looks like the last node that it reads."""
    made = flat.graph.call_function(target, args)
    made.meta |= {"val": made.all_input_nodes[-1].meta["val"], _ADDED: True}
    return made


def _attribute(found: Any, node: fx.Node, flat: Flat) -> Any:
    if isinstance(found, fx.GraphModule):
        return found
    name = f"constant_{len(flat.constants)}"
    flat.constants[name] = found
    read = flat.graph.create_node("get_attr", name)
    read.meta["val"] = node.meta.get("val", found)
    return read


def _part(node: fx.Node, env: dict[fx.Node, Any], flat: Flat, grad: bool) -> Any:
    """The results of a part. Without autocast, a part that switches it off changes nothing."""
    name = str(node.target)
    args: list[Any] = [env[a] if isinstance(a, fx.Node) else a for a in node.args]
    if name == "wrap_with_set_grad_enabled":
        grad, body, inputs = bool(args[0]), args[1], args[2:]
    elif name == "wrap_with_autocast" and not args[2]:
        body, inputs = args[4], args[5:]
    else:
        raise SegmentError(f"The exported graph contains {name}, and a graph with that cannot be divided.")
    placeholders = body.graph.find_nodes(op="placeholder")
    inner = dict(zip(placeholders, inputs, strict=True))
    return _inline(body, body.graph, inner, flat, grad=grad)
