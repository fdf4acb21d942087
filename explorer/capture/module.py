"""Define and run: torch.export's ATen graph of a model, which is executed again with other inputs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.export import Dim, ExportedProgram, ShapesCollection
from torch.export.graph_signature import InputKind, OutputKind
from torch.utils._pytree import tree_flatten, tree_leaves, tree_map_only, tree_unflatten

from explorer.capture.calls import Call, alone
from explorer.capture.capturing import Capturing
from explorer.capture.collector import without_garbage_collection
from explorer.capture.copying import copied
from explorer.capture.grounds import differentiable
from explorer.capture.losses import Loss, take_loss
from explorer.capture.members import input_names, members
from explorer.capture.overwrites import Overwrites
from explorer.capture.program import Program
from explorer.capture.record import Recorder
from explorer.capture.source import failing_line
from explorer.capture.taking import take
from explorer.capture.trace import ModuleRun, Trace
from explorer.capture.untouched import same_state
from explorer.errors import CaptureError

AGAIN = "Export the model with a sample of this shape."
OWN_BACKWARD = (
    "torch.export keeps the operations inside {} and loses the backward pass that the model has for it: gradients here "
    "are those of these operations. The graph of what ran has the model's own."
)
LOST = "Without an exported graph the model cannot be cut into segments or written to a file; the eager graph is there."


class Exported:
    """A captured model. ``program`` is torch's own record of it; ``run`` executes it.

    Sizes of one in the sample that it was captured with may be fixed, those of images are; the batch is free where the
    model allows it.
    """

    def __init__(self, module: nn.Module, program: ExportedProgram, capturing: Capturing | None = None) -> None:
        self.module, self.program = module, program
        self._capturing = capturing or Capturing()
        self._body = Program(program.graph, dict(program.graph_module.named_modules()))

    def module_of_its_own(self) -> nn.Module:
        """A copy of the model; the one that was traced may be looked at, or captured again, meanwhile."""
        return copied(self.module)

    @without_garbage_collection()
    def run(
        self, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None, loss: Loss | None = None
    ) -> ModuleRun:
        """One forward and one backward pass through the exported graph; see ``trace_module``.

        Raises CaptureError where the inputs do not fit what was captured, or where a pass raises.
        """
        held = members(self.module)
        with (
            alone(held),
            same_state(held) as draws,
            differentiable(held, args, kwargs or {}) as ((args, kwargs), notes),
        ):
            overwrites = Overwrites()
            recorder = Recorder(type(self.module).__name__, overwrites)
            inputs = list(input_names(self.module, args, kwargs))
            trace = Trace(held, inputs, recorder.records, overwrites, composite=True, exported=self, draws=draws)
            if self._capturing.functions:
                notes.append(OWN_BACKWARD.format(" and ".join(self._capturing.functions)))
            return take(trace, lambda: self._forward(trace, recorder, args, kwargs, loss), notes)

    def _forward(self, trace: Trace, recorder: Recorder, args: Any, kwargs: Any, loss: Loss | None) -> None:
        signature = self.program.graph_signature
        results = self._body.run(self._inputs(trace, args, kwargs), recorder.records.noted, trace.overwrites)
        wanted = [r for r, s in zip(results, signature.output_specs, strict=True) if s.kind is OutputKind.USER_OUTPUT]
        trace.output = self._capturing.close(tree_unflatten(wanted, self.program.call_spec.out_spec))
        recorder.call = Call(recorder.root, ("loss",), "loss")
        with recorder:
            trace.loss, trace.how = take_loss(trace.output, loss)

    def _inputs(self, trace: Trace, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[Any]:
        """The values of the graph's placeholders: parameters and buffers of the live model, then the call's."""
        program, named = self.program, dict([*trace.held.parameters, *trace.held.buffers])
        given = iter(self._flat(args, kwargs))
        values = []
        for node, spec in zip(
            program.graph.find_nodes(op="placeholder"), program.graph_signature.input_specs, strict=True
        ):
            if spec.kind is InputKind.USER_INPUT:
                values.append(_fitting(node, next(given)))
            else:
                values.append(named.get(spec.target, {**program.constants, **program.state_dict}.get(spec.target)))
        return values

    def _flat(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[Any]:
        expected = self.program.call_spec.in_spec
        order = expected.child(1).context
        if set(kwargs) != set(order):
            raise CaptureError(f"The model was captured with the keywords {order}, not {list(kwargs)}.")
        flat, spec = tree_flatten((args, {name: kwargs[name] for name in order}))
        if spec != expected:
            raise CaptureError(f"The model was captured with inputs of the form {expected}, not {spec}.")
        return flat


@without_garbage_collection()
def export(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Exported:
    """The ATen graph of a model, captured with these inputs, its sizes free where the model allows.

    Raises CaptureError, naming the line of the user's code, where torch.export gives up.
    """
    held = members(module)
    capturing = Capturing()
    with alone(held), same_state(held), capturing.watching(module, kwargs), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Exported(module, _export(module, args, dict(kwargs)), capturing)
        except Exception as error:
            raise _report(error) from error


def _export(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ExportedProgram:
    """torch.export fixes sizes that are one in the sample, so a batch of one is tried as a batch of two first."""
    tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
    if tensors and all(t.dim() > 1 and t.shape[0] == 1 for t in tensors):
        doubled = tree_map_only(Tensor, lambda t: torch.cat((t, t)).detach(), (args, kwargs))
        try:
            return _export_as_it_is(module, *doubled)
        except Exception:
            return _export_as_it_is(module, args, kwargs)
    return _export_as_it_is(module, args, kwargs)


def _export_as_it_is(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ExportedProgram:
    shapes = ShapesCollection()
    for tensor in tree_leaves((args, kwargs)):
        if isinstance(tensor, Tensor):
            shapes[tensor] = _sizes(tensor.dim())
    return torch.export.export(module, args, kwargs, dynamic_shapes=shapes)  # type: ignore[arg-type]


def _sizes(rank: int) -> tuple[Any, ...]:
    """Which sizes are free, where the model allows it: all, and of images the batch alone.

    Windows and paddings of a free height and width (Swin's) make formulas that keep torch busy for minutes.
    """
    return (Dim.AUTO,) * rank if rank < 4 else (Dim.AUTO, *(Dim.STATIC,) * (rank - 1))


def _fitting(node: fx.Node, value: Any) -> Any:
    """The value for a placeholder. Raises CaptureError where its shape is none that the graph was captured for."""
    sample = node.meta.get("val")
    if isinstance(sample, Tensor):
        fixed = [size if isinstance(size, int) else None for size in sample.shape]
        shape = list(value.shape) if isinstance(value, Tensor) else None
        if (
            shape is None
            or len(shape) != len(fixed)
            or any(f not in (None, s) for f, s in zip(fixed, shape, strict=True))
        ):
            asked = ", ".join("any" if size is None else str(size) for size in fixed)
            raise CaptureError(f"Input {node.name!r} has shape {shape}; the exported graph takes [{asked}]. {AGAIN}")
    return value


def _report(error: Exception) -> CaptureError:
    if isinstance(error, CaptureError):
        return error
    file, line = failing_line(error.__traceback__)
    where = f" at {file}, line {line}" if file else ""
    reason = next(iter(str(error).strip().splitlines()), "")
    reason = f"torch.export gave up{where}: {type(error).__name__}: {reason}"
    return CaptureError(f"{reason} {LOST}", file=file, line=line or None, reason=reason)
