"""What a segmentation needs of a traced model, whoever traced it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from torch import Tensor, nn
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind

from explorer.graph import Graph


class Exported(Protocol):
    """A captured model: the module itself, and torch's record of it."""

    @property
    def module(self) -> nn.Module: ...
    @property
    def program(self) -> ExportedProgram: ...
    def module_of_its_own(self) -> nn.Module: ...
    def run(self, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None) -> Traced: ...


class Traced(Protocol):
    """A run of a model. ``exported`` is None where it was not captured first; ``origins`` gives per node the place of
    its operation among those executed, or -1.
    """

    @property
    def graph(self) -> Graph: ...
    @property
    def exported(self) -> Exported | None: ...
    @property
    def origins(self) -> Sequence[int]: ...


class Weight(NamedTuple):
    """A parameter, buffer or constant of a program, under the first name that it has in the model."""

    name: str
    tensor: Tensor


def weights(exported: Exported) -> dict[str, Weight]:
    """By the placeholder that stands for each. Tied ones have one name and are one tensor."""
    module, program = exported.module, exported.program
    named = dict([*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)])
    first = {id(tensor): name for name, tensor in reversed(named.items())}
    found: dict[str, Weight] = {}
    for node, spec in zip(program.graph.find_nodes(op="placeholder"), program.graph_signature.input_specs, strict=True):
        if spec.kind is not InputKind.USER_INPUT and spec.target is not None:
            stored = program.constants.get(spec.target, program.state_dict.get(spec.target))
            tensor = named.get(spec.target, stored)
            assert isinstance(tensor, Tensor), f"{spec.target} is no tensor"
            found[node.name] = Weight(first.get(id(tensor), spec.target), tensor)
    return found


def user_inputs(program: ExportedProgram) -> list[str]:
    """The placeholders of what a call is given, in its order."""
    nodes = program.graph.find_nodes(op="placeholder")
    kinds = [spec.kind for spec in program.graph_signature.input_specs]
    return [node.name for node, kind in zip(nodes, kinds, strict=True) if kind is InputKind.USER_INPUT]
