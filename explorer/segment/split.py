"""Segments as modules: each holds its operations and its own copies of the weights that they read.

Built from the exported graph. Every segment copies its nodes; what can be had anywhere is computed again in each that
reads it; sizes are read off a tensor that is there. What leaves a segment is contiguous, as a link would send it; a
tensor whose dimensions lie in memory in another order (after a transpose) is sent in that order and put back on
arrival, so that the same kernels run and give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx, nn
from torch._ops import OpOverload
from torch.export.graph_signature import OutputKind
from torch.utils._pytree import tree_flatten, tree_unflatten

from explorer.errors import SegmentError
from explorer.segment.crossing import Crossing, crossings
from explorer.segment.cut import Segmentation, letter
from explorer.segment.flatten import Flat, flatten, is_tensor
from explorer.segment.traced import Exported, Traced, Weight, user_inputs, weights
from explorer.segment.where import ANYWHERE, Needs, needs, places, recorded

_CONTIGUOUS = torch.ops.aten.contiguous.default
_SIZE = torch.ops.aten.sym_size.int


class Read(NamedTuple):
    """Where a segment reads a size: off a dimension of a tensor, which may arrive for nothing else."""

    tensor: str
    axis: int
    arrives_for_it: bool


@dataclass(frozen=True)
class Stage:
    """One segment: ``module`` takes the values named ``inputs`` and gives a tuple of those named ``outputs``.

    Its parameters have the names that they have in the whole model. ``sizes`` by what they are in torch's symbols.
    """

    module: fx.GraphModule
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    sizes: Mapping[Any, Read] = field(default_factory=dict)


class Result(str):
    """The name of a value that the whole model returns."""


class Split:
    """All segments of a model; calling it runs them in order, each on what those before it gave."""

    def __init__(self, exported: Exported, stages: Sequence[Stage], results: Sequence[Any]) -> None:
        self.exported, self.stages, self._results = exported, stages, results
        self._given = user_inputs(exported.program)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.run(args, kwargs)

    def run(
        self,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        link: Callable[[Tensor], Tensor] | None = None,
    ) -> Any:
        """What the whole model returns. ``link`` is what happens to a tensor on its way to another segment.

        Raises SegmentError where inputs do not fit, naming the segment that cannot run on them.
        """
        values = self.bound(args, kwargs or {})
        arriving = dict(values)
        for number, stage in enumerate(self.stages):
            made = self._made(number, stage, arriving)
            values |= made
            arriving |= {name: link(x) if link and isinstance(x, Tensor) else x for name, x in made.items()}
        results = [values[one] if isinstance(one, Result) else one for one in self._results]
        return tree_unflatten(results, self.exported.program.call_spec.out_spec)

    def copies(self) -> dict[str, list[nn.Parameter]]:
        """For every parameter of the model the copies that the segments hold."""
        found: dict[str, list[nn.Parameter]] = {}
        for stage in self.stages:
            for name, parameter in stage.module.named_parameters():
                found.setdefault(name, []).append(parameter)
        return found

    @property
    def results(self) -> list[str]:
        """The names of the values that the whole model returns, without those that are always the same."""
        return [one for one in self._results if isinstance(one, Result)]

    def bound(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs of a call by the names that the stages know them by. Raises SegmentError where they do not fit."""
        spec = self.exported.program.call_spec.in_spec
        order = spec.child(1).context or []
        flat, found = tree_flatten((tuple(args), {name: kwargs[name] for name in order if name in kwargs}))
        if found != spec or set(kwargs) - set(order):
            raise SegmentError(f"The segments take inputs of the form {spec}, and these are {found}.")
        return dict(zip(self._given, flat, strict=True))

    def _made(self, number: int, stage: Stage, values: Mapping[str, Any]) -> dict[str, Any]:
        try:
            made = stage.module(*(values[name] for name in stage.inputs))
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise SegmentError(f"Segment {letter(number)} cannot run on these inputs: {reason}") from error
        return dict(zip(stage.outputs, made, strict=True))


def split(run: Traced, of: Segmentation, choices: Mapping[int, str] | None = None) -> Split:
    """The segments of a run in export mode as modules, in order. The model that was traced is left as it is.

    ``choices`` by node, as ``crossings`` takes them: a tied weight or a mask can be sent instead. Raises SegmentError
    for a run of another mode.
    """
    if run.exported is None:
        raise SegmentError("Only an exported graph can be divided into modules. Trace the model with mode='export'.")
    exported, flat = run.exported, flatten(run.exported.program)
    held, given = weights(exported), set(user_inputs(exported.program))
    ids = {operation: run.graph.ids[node] for operation, node in recorded(flat, run)}
    place = places(flat, run, of, _sent(crossings(of, choices)))
    _send_weights(flat, place, held, run, of, choices or {})
    results = _results(exported, flat)
    ends = _ends(place, results, of.parts)
    wanted = [{*own, *_writes(flat, place, segment)} for segment, own in enumerate(ends)]
    crossing, stages = set[fx.Node](), list[Stage]()
    for segment in range(of.parts - 1, -1, -1):
        need = needs(flat, place, segment, wanted[segment], given)
        for node in need.inputs:
            if node.name not in given:
                wanted[place[node]].add(node)
                crossing.add(node)
        stages.append(
            _Builder(flat, held, crossing, ids).build(segment, need, wanted[segment] & crossing, ends[segment])
        )
    return Split(exported, stages[::-1], [_name(one, crossing) if isinstance(one, fx.Node) else one for one in results])


def _sent(across: Sequence[Crossing]) -> set[int]:
    """What crosses a link though it could be had anywhere."""
    return {one.node for one in across if one.way == "sent" and len(one.ways) > 1}


def _send_weights(
    flat: Flat,
    place: dict[fx.Node, int],
    held: Mapping[str, Weight],
    run: Traced,
    of: Segmentation,
    choices: Mapping[int, str],
) -> None:
    """Weights that are sent are in the segment that reads them first, and nowhere else."""
    chosen = {run.graph.names[node]: of.of[node] for node, way in choices.items() if way == "sent"}
    for node in flat.graph.find_nodes(op="placeholder"):
        if node.name in held and held[node.name].name in chosen:
            place[node] = chosen[held[node.name].name]


def _results(exported: Exported, flat: Flat) -> list[Any]:
    """What the model returns: nodes, and values that are always the same."""
    specs = exported.program.graph_signature.output_specs
    given = flat.graph.output_node().args[0]
    assert isinstance(given, tuple | list)
    return [one for one, spec in zip(given, specs, strict=True) if spec.kind is OutputKind.USER_OUTPUT]


def _ends(place: Mapping[fx.Node, int], results: Sequence[Any], parts: int) -> list[list[fx.Node]]:
    """Per segment the results that it makes; the last has those that can be had anywhere."""
    found: list[list[fx.Node]] = [[] for _ in range(parts)]
    for node in dict.fromkeys(one for one in results if isinstance(one, fx.Node)):
        found[place[node] if place[node] != ANYWHERE else parts - 1].append(node)
    return found


def _writes(flat: Flat, place: Mapping[fx.Node, int], segment: int) -> Iterator[fx.Node]:
    """What a segment writes in place, whether somebody reads the result or not."""
    for node in flat.graph.nodes:
        if place[node] == segment and isinstance(node.target, OpOverload) and node.target._schema.is_mutable:
            yield node


def _name(node: fx.Node, crossing: Collection[fx.Node]) -> Result:
    """What a result is called; as it is sent to another segment it may look different."""
    return Result(f"{node.name}_result" if node in crossing else node.name)


class _Builder:
    """Copies nodes into a module of their own. ``ids`` are what the run calls operations."""

    def __init__(
        self, flat: Flat, held: Mapping[str, Weight], crossing: Collection[fx.Node], ids: Mapping[fx.Node, str]
    ) -> None:
        self._flat, self._held, self._crossing, self._ids = flat, held, crossing, ids
        self._graph, self._root = fx.Graph(), nn.Module()
        self._here: dict[fx.Node, fx.Node] = {}
        self._attributes: dict[int, str] = {}

    def build(self, segment: int, need: Needs, sent: Collection[fx.Node], ends: Sequence[fx.Node]) -> Stage:
        arriving = {node: self._graph.placeholder(node.name) for node in need.inputs}
        for node, placeholder in arriving.items():
            self._here[node] = self._arrived(node, placeholder)
        own = set(need.own)
        for node in self._flat.graph.nodes:
            if node in need.sizes:
                source, dimension = need.sizes[node]
                size = (self._here[source], dimension)
                self._here[node] = self._graph.call_function(_SIZE, size)
            elif node in own:
                self._here[node] = self._copy(node)
        outputs = {node.name: self._leaving(node) for node in self._flat.graph.nodes if node in sent}
        outputs |= {_name(node, self._crossing): self._here[node] for node in ends}
        self._graph.output(tuple(outputs.values()))
        module = fx.GraphModule(self._root, self._graph, f"Segment{letter(segment)}")
        return Stage(module, tuple(node.name for node in need.inputs), tuple(outputs), dict(self._sizes(need)))

    def _sizes(self, need: Needs) -> Iterator[tuple[Any, Read]]:
        """What the segment reads sizes off, by the names that the run has for it."""
        for size, (source, axis) in need.sizes.items():
            value = size.meta["val"]
            alone = source in need.inputs and all(user.target is _SIZE for user in self._here[source].users)
            if isinstance(value, torch.SymInt):
                yield value.node.expr, Read(self._ids.get(source, source.name), axis, alone)

    def _copy(self, node: fx.Node) -> fx.Node:
        if node.op == "get_attr":
            return self._attribute(str(node.target), self._flat.constants[str(node.target)])
        if node.op == "placeholder":
            return self._attribute(*self._held[node.name])
        return self._graph.node_copy(node, self._here.__getitem__)

    def _attribute(self, name: str, tensor: Tensor) -> fx.Node:
        """Reads a copy of a tensor, which the module holds once, under the name that it has in the model."""
        if id(tensor) not in self._attributes:
            self._attributes[id(tensor)] = name
            _hold(self._root, name, tensor)
        return self._graph.create_node("get_attr", self._attributes[id(tensor)])

    def _leaving(self, node: fx.Node) -> fx.Node:
        here = self._here[node]
        if not is_tensor(node):
            return here
        return self._graph.call_function(_CONTIGUOUS, (self._permuted(here, memory_order(node.meta["val"])),))

    def _arrived(self, node: fx.Node, placeholder: fx.Node) -> fx.Node:
        if node not in self._crossing or not is_tensor(node):
            return placeholder
        order = memory_order(node.meta["val"])
        return self._permuted(placeholder, [order.index(axis) for axis in range(len(order))])

    def _permuted(self, node: fx.Node, order: Sequence[int]) -> fx.Node:
        is_same = list(order) == sorted(order)
        return node if is_same else self._graph.call_function(torch.ops.aten.permute.default, (node, list(order)))


def memory_order(x: Tensor) -> list[int]:
    """The dimensions of a tensor from the outermost in memory to the innermost; as they are where some share memory."""
    strides = [_hint(stride) for stride in x.stride()]
    if any(stride == 0 and _hint(size) > 1 for stride, size in zip(strides, x.shape, strict=True)):
        return list(range(x.dim()))
    return sorted(range(x.dim()), key=lambda axis: -strides[axis])


def _hint(size: int | torch.SymInt) -> int:
    """A size, or what it was when the graph was captured."""
    return int(size.node.hint) if isinstance(size, torch.SymInt) else size


def _hold(root: nn.Module, name: str, tensor: Tensor) -> None:
    """Puts a copy of a tensor at a dotted name, with modules in between where there are none."""
    *path, last = name.split(".")
    for part in path:
        if not hasattr(root, part):
            root.add_module(part, nn.Module())
        root = getattr(root, part)
    copy = tensor.detach().clone()
    if isinstance(tensor, nn.Parameter):
        root.register_parameter(last, nn.Parameter(copy, requires_grad=tensor.requires_grad))
    else:
        root.register_buffer(last, copy)
