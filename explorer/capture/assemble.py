"""From the records of a forward to the columns of a graph, with the ties between its nodes and torch's autograd.

A tensor object stands for one node at a time: the operation that made it or wrote it last, else a leaf. Some
things that torch does out of sight become nodes of their own, as they are in torch's autograd graph: ``getitem``
takes one result of several; ``copy_slices`` is a base that was written through a view of it; an operation is
repeated where its result, a view, is read after its base was written; and an ``autograd.Function``, whose inner
operations have no gradients, is a node behind the last of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node as GradNode

from explorer.capture.aliasing import Aliasing
from explorer.capture.aten import Form, form_of, op_name
from explorer.capture.by_heart import GradNodes
from explorer.capture.overwrites import Overwrite, Overwrites, written_by
from explorer.capture.record import Failure
from explorer.capture.source import Place, line_of
from explorer.capture.ties import Ties

_DTYPES = {d: str(d).removeprefix("torch.") for d in vars(torch).values() if isinstance(d, torch.dtype)}
_WHOLE = -1
"""In place of the number of a result: the whole operation is put off until somebody reads its result."""
_NO_RECORD = -1


class Assembly:
    """The nodes found so far, as parallel lists.

    ``rows`` have the columns of ``Graph`` (op, inputs, name, line, scope, shape, dtype, requires_grad); ``held``
    is the tensor whose contents after the record ``times`` are the node's value; ``origins`` the record that a
    node comes from (-1: none, a leaf or torch's own doing); ``extras`` are attributes that stand in no record.
    """

    def __init__(self, known: Mapping[int, tuple[str, str]], overwrites: Overwrites, grad_fns: GradNodes) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.held: list[Tensor | None] = []
        self.times: list[int] = []
        self.origins: list[int] = []
        self.extras: dict[int, dict[str, Any]] = {}
        self.ties = Ties()
        self._known, self._overwrites = known, overwrites
        self._aliasing = Aliasing(overwrites)
        self._grad_fns = grad_fns
        self._node_of: dict[int, int] = {}
        self._waiting: dict[int, tuple[int, int]] = {}
        self._stale: dict[int, tuple[int, int]] = {}
        self._lines: dict[tuple[int, int], int] = {}
        self._records: Sequence[Any] = ()
        self._time = -1

    def take(self, records: Sequence[Any], failed: str) -> None:
        """Adds the nodes of all records; ``failed`` is the message of the error that ended the forward, or "".

        An operation that raised is a node only where that was the end of it.
        """
        self._records = records
        for time, record in enumerate(records):
            self._time = time
            self._take_one(time, record)
        if failed and records and isinstance(records[-1][3], Failure):
            self.extras[self._operation(self._time, form_of(records[-1][0]), None)] = {"failed": failed}
        self._time = len(records)

    def node(self, tensor: Tensor) -> int:
        """The node that ``tensor`` stands for now; made where it is a leaf or is used for the first time."""
        found = self._node_of.get(id(tensor))
        return self._find(tensor) if found is None else found

    def _take_one(self, time: int, record: Any) -> None:
        out, form = record[3], form_of(record[0])
        if isinstance(out, Tensor):
            if form.kind == "op":
                self._written(time, self._operation(time, form, out), out)
            elif form.kind == "alias":
                self._node_of[id(out)] = self.node(record[1][0])
            else:
                self._waiting[id(out)] = (time, _WHOLE)
        elif isinstance(out, list | tuple):
            self._several(time, form, out)

    def _operation(self, time: int, form: Form, out: Tensor | None) -> int:
        """The node of one record, whose value is ``out``."""
        _, args, kwargs, _, call, place = self._records[time]
        ports = self._read(args)
        if kwargs:
            ports += self._read(kwargs.values())
        row = (op_name(form, args, kwargs), tuple(ports), "", self._line(place), call.path)
        hidden = form.uninitialised or self._looks_at_nothing(form, self._records[time][0], ports)
        node = self._add(row, out, time, time, hidden)
        if hidden:
            self.extras[node] = {"uninitialised": True}
        return node

    def _looks_at_nothing(self, form: Form, func: OpOverload, ports: Sequence[int]) -> bool:
        """Whether an operation is a view of memory that nobody has written yet."""
        is_view = not form.fresh and not written_by(func) and bool(ports)
        return is_view and "uninitialised" in self.extras.get(ports[0], ())

    def _read(self, values: Iterable[Any]) -> list[int]:
        """The nodes of the tensors among the arguments, in order."""
        ports: list[int] = []
        get = self._node_of.get
        for value in values:
            node = get(id(value))
            if node is not None:
                ports.append(node)
            elif isinstance(value, Tensor):
                ports.append(self._find(value))
            elif isinstance(value, list | tuple):
                ports += [self.node(part) for part in value if isinstance(part, Tensor)]
        return ports

    def _add(self, row: tuple[Any, ...], held: Tensor | None, time: int, origin: int, hidden: bool = False) -> int:
        if held is None:
            self.rows.append((*row, (), "", False))
        else:
            lie = self._overwrites.lie_of(held, time) if self._aliasing.active else None
            shape = tuple(held.shape) if lie is None else lie[0]
            self.rows.append((*row, shape, _DTYPES[held.dtype], held.requires_grad or id(held) in self._grad_fns))
        self.held.append(None if hidden else held)
        self.times.append(time)
        self.origins.append(origin)
        return len(self.rows) - 1

    def _written(self, time: int, node: int, out: Tensor) -> None:
        """What ``out`` and all that lives in its memory stand for after the operation ``node``."""
        if self._aliasing.active:
            writes = self._aliasing.writes(time)
            for event in writes:
                self._overwrite(event, node)
            if any(event.tensor is out for event in writes):
                return
        self._stand(out, self._tie(out, node, time))

    def _stand(self, tensor: Tensor, node: int) -> None:
        self._node_of[id(tensor)] = node
        if self._aliasing.active:
            self._stale.pop(id(tensor), None)
            self._aliasing.meet(tensor)

    def _tie(self, out: Tensor, node: int, time: int) -> int:
        """Ties the autograd node of a result; gives the node that stands for the result."""
        fn = self._fn(out, time)
        if fn is None:
            if out.requires_grad:
                self.ties.leaves[id(out)] = node
            return node
        if isinstance(fn, BackwardCFunction):
            return self._function(fn, out, node, time)
        self.ties.owner[fn] = node
        return node

    def _fn(self, tensor: Tensor, time: int) -> GradNode | None:
        """The autograd node of a tensor as it was after the record at ``time``."""
        known = self._grad_fns.get(id(tensor))
        if known is not None:
            return known
        return self._aliasing.grad_fn(tensor, time) if self._aliasing.active else tensor.grad_fn

    def _several(self, time: int, form: Form, out: Sequence[Any]) -> None:
        first = out[0] if form.kind != "list" and out and isinstance(out[0], Tensor) else None
        node = self._operation(time, form, first)
        for number, part in enumerate(out):
            if isinstance(part, Tensor):
                fn = self._fn(part, time)
                if fn is not None:
                    self.ties.owner.setdefault(fn, node)
                self._waiting[id(part)] = (node, number)
        if first is not None:
            del self._waiting[id(first)]
            self._written(time, node, first)
        if self._aliasing.active:
            self._read(part for part in out if isinstance(part, Tensor) and self._aliasing.is_written(part))

    def _function(self, fn: GradNode, out: Tensor, node: int, time: int) -> int:
        """The node of an ``autograd.Function`` behind ``node``, the last operation inside it for this result."""
        owner, place = self.ties.owner.get(fn), self.rows[node][3:5]
        is_single = len(fn._input_metadata) == 1
        if owner is None:
            sources = [self.ties.source(before, n) for before, n in fn.next_functions if before is not None]
            ports = (node, *(source for source in sources if source is not None))
            row = (type(fn).__name__.removesuffix("Backward"), ports, "", *place)
            owner = self.ties.owner[fn] = self._add(row, out if is_single else None, time, _NO_RECORD)
        return owner if is_single else self._piece(out, out.output_nr, (owner, node), time)

    def _piece(self, tensor: Tensor, number: int, ports: tuple[int, ...], time: int) -> int:
        """The node for one result of several of the first of ``ports``."""
        node = ports[0]
        made = self._add(("getitem", ports, "", *self.rows[node][3:5]), tensor, time, _NO_RECORD)
        self.extras[made] = {"index": number}
        fn = self._fn(tensor, time)
        if fn is not None and self.ties.owner.get(fn) == node:
            self.ties.parts[fn, tensor.output_nr if tensor.grad_fn is fn else number] = made
            self.ties.pieces.setdefault(node, []).append(made)
        return made

    def _find(self, tensor: Tensor) -> int:
        """The node of a tensor that has none yet, or none any more."""
        waiting = self._waiting.pop(id(tensor), None)
        stale = self._stale.pop(id(tensor), None)
        if waiting is not None:
            return self._put_off(tensor, *waiting)
        return self._leaf(tensor) if stale is None else self._read_again(tensor, *stale)

    def _leaf(self, tensor: Tensor) -> int:
        kind, name = self._known.get(id(tensor), ("constant", ""))
        row = (kind, (), name, 0, tuple(name.split(".")[:-1]) if kind != "input" else ())
        node = self._add(row, tensor, self._time - 1, _NO_RECORD)
        self.ties.leaves[id(tensor)] = node
        if tensor.grad_fn is not None:
            self.ties.owner[tensor.grad_fn] = node
        self._stand(tensor, node)
        return node

    def _put_off(self, tensor: Tensor, node: int, number: int) -> int:
        """The node of one result of several, or of a whole operation of which nothing was read until now."""
        if number == _WHOLE:
            made = self._operation(node, form_of(self._records[node][0]), tensor)
            self.times[made] = self._time - 1
            self._stand(tensor, made)
            return made
        made, fn = self._piece(tensor, number, (node,), self.times[node]), self._fn(tensor, self.times[node])
        if isinstance(fn, BackwardCFunction):
            made = self._function(fn, tensor, made, self.times[node])
        self._stand(tensor, made)
        return made

    def _overwrite(self, event: Overwrite, writer: int) -> None:
        """``writer`` put new contents into ``event.tensor``; torch's autograd sees them in its base."""
        root, node, is_result = event.tensor, writer, event.tensor is self._records[event.time][3]
        if event.base is not None:
            root = event.base
            ports = (self.node(root), writer)
            node = self._add(("copy_slices", ports, "", *self.rows[writer][3:5]), root, event.time, _NO_RECORD)
            self.ties.through[node] = writer
        if is_result:
            node = self._tie_overwritten(event, root, node)
        for other in self._aliasing.others(root):
            self._spoil(other, node)
        if is_result:
            self._stand(root, node)
        else:
            self._spoil(root, node)

    def _tie_overwritten(self, event: Overwrite, root: Tensor, node: int) -> int:
        before = event.fn if event.base is None else event.base_fn
        if self._aliasing.grad_fn(root, event.time) is not before:
            return self._tie(root, node, event.time)
        self.ties.stands_for[node] = self.node(root)
        return node

    def _spoil(self, tensor: Tensor, writer: int) -> None:
        """``tensor`` is to be read again: ``writer`` changed the memory that it lives in."""
        old = self._node_of.pop(id(tensor), None)
        if old is None and id(tensor) in self._stale:
            old = self._stale[id(tensor)][1]
        if old is not None:
            self._stale[id(tensor)] = (writer, old)

    def _read_again(self, tensor: Tensor, writer: int, old: int) -> int:
        """The node of a tensor whose memory ``writer`` changed, and which is used now."""
        is_view = tensor._base is not None
        if not is_view and self._is_unchanged(tensor, old):
            self._stand(tensor, old)
            return old
        row = ("as_strided" if is_view else "alias", (writer,), "", *self.rows[old][3:5])
        node = self._add(row, tensor, self._time - 1, _NO_RECORD)
        fn = self._aliasing.grad_fn(tensor, self._time - 1)
        if fn is not None and is_view:
            self.ties.owner[fn] = node
        else:
            self.ties.stands_for[node] = old
        self._stand(tensor, node)
        return node

    def _is_unchanged(self, tensor: Tensor, old: int) -> bool:
        """Whether a write into the memory of a tensor left it alone: parts of one storage need not overlap."""
        before, now = (self._overwrites.as_of(tensor, time) for time in (self.times[old], self._time - 1))
        return before is not None and now is not None and torch.equal(before, now)

    def _line(self, place: Place | None) -> int:
        if place is None:
            return 0
        if isinstance(place[0], str):
            return place[1]
        key = (id(place[0]), place[1])
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = line_of(place)
        return line
