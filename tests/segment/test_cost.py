"""Arithmetic against torch's own counter, memory against an allocator that watches torch, times by hand."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

import explorer
from explorer.capture.model import trace_module
from explorer.run import Run
from explorer.segment.cost import costs
from explorer.segment.devices import Device
from explorer.segment.flops import ATTENTION, FACTORS, flops
from explorer.segment.memory import memory
from explorer.segment.rehearsal import rehearse
from explorer.segment.wording import energy
from tests.segment.models import MODES, Attending, Convolving, gpt, llama, tokens, traced


def counted(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[int, int]:
    """Operations of all products, forward and backward, as torch counts them while they run."""
    with FlopCounterMode(display=False) as counter:
        loss = module(*inputs).sum()
        forward = counter.get_total_flops()
        loss.backward()
    return forward, counter.get_total_flops() - forward


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["gpt", "llama", "convolutions"])
def test_products_are_counted_as_torch_counts_them(mode: Any, name: str) -> None:
    torch.manual_seed(0)
    models: dict[str, tuple[nn.Module, Tensor]] = {
        "gpt": (gpt(), tokens()),
        "llama": llama(),
        "convolutions": (Convolving(), torch.randn(2, 3, 11, 13)),
    }
    module, sample = models[name]
    graph = trace_module(module, (sample,), mode=mode).graph
    cost = costs(graph)
    products = [node for node, op in enumerate(graph.ops) if op in FACTORS]
    found = sum(cost.flops[node] for node in products), sum(cost.backward_flops[node] for node in products)
    assert found == counted(module, (sample,))
    assert cost.unknown == () and cost.note == ""


def test_attention_in_one_piece_counts_its_two_products_forward_and_five_backward() -> None:
    q, k, v = torch.randn(2, 4, 6, 8), torch.randn(2, 4, 7, 8), torch.randn(2, 4, 7, 8)
    graph = trace_module(Attending(), (q, k, v), mode="export").graph
    node = next(i for i, op in enumerate(graph.ops) if op in ATTENTION)
    with FlopCounterMode(display=False) as counter:
        torch.softmax(q @ k.transpose(-2, -1), -1) @ v
    cost = costs(graph)
    assert cost.flops[node] == counter.get_total_flops()
    assert cost.backward_flops[node] == 2.5 * cost.flops[node]


@pytest.mark.parametrize(("op", "ports", "shape", "expected"), [
    ("add", [(2, 3), (3,)], (2, 3), 6), ("sum", [(4, 5)], (), 20), ("softmax", [(4, 5)], (4, 5), 100),
    ("layer_norm", [(4, 5), (5,), (5,)], (4, 5), 140), ("embedding", [(9, 4), (2, 3)], (2, 3, 4), 0),
    ("view", [(2, 3)], (6,), 0), ("dot", [(7,), (7,)], (), 14), ("matmul", [(2, 3), (3,)], (2,), 12),
    ("matmul", [(5, 2, 3), (3, 4)], (5, 2, 4), 240), ("div.Scalar", [(4,)], (4,), 4), ("mystery", [(2,)], (3,), 3),
])  # fmt: skip
def test_counts_by_hand(op: str, ports: list[tuple[int, ...]], shape: tuple[int, ...], expected: float) -> None:
    assert flops(op, ports, shape, {}) == expected


def test_an_operation_that_nobody_knows_is_said_to_be_guessed() -> None:
    class Strange(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.special.i0e(x)

    cost = costs(trace_module(Strange(), (torch.randn(4, requires_grad=True),)).graph)
    assert "i0e" in cost.unknown[0] and cost.unknown[0] in cost.note
    assert sum(cost.flops) == 4 + 4


def test_time_is_the_longer_of_arithmetic_and_bytes() -> None:
    """A product of 8 by 8 matrices: 1024 operations, 3 x 256 bytes; a sum of them reads 256, writes 4."""
    run = explorer.trace("c = A @ B\ny = sum(c)", A=[[1.0] * 8] * 8, B=[[1.0] * 8] * 8)
    cost, graph = costs(run.graph), run.graph
    slow_memory = Device("a", {"float32": 1e30, "float64": 1e30}, 100.0, 1.0)
    slow_units = Device("b", {"float32": 1.0, "float64": 10.0}, 1e30, 1.0, overhead=2.0)
    c, y = graph.find("c"), graph.find("y")
    assert cost.seconds(c, slow_memory) == 3 * 512 / 100 and cost.seconds(y, slow_memory) == (512 + 8) / 100
    assert cost.seconds(c, slow_units) == 2 + 102.4 and cost.seconds(y, slow_units) == 2 + 6.4
    assert cost.seconds(c, slow_units, training=True) == 2 + 102.4 + 2 + 204.8
    assert cost.seconds(graph.find("A"), slow_units) == 0


def test_a_view_moves_nothing_and_a_copy_that_a_stride_forces_does() -> None:
    graph = traced("export").graph
    cost = costs(graph)
    bytes_of = {op: {cost.bytes[i] for i, other in enumerate(graph.ops) if other == op} for op in graph.ops}
    assert bytes_of["transpose"] == bytes_of["chunk"] == bytes_of["getitem"] == {0}
    assert bytes_of["flatten"] == {2 * 3 * 9 * 32 * 4}
    assert bytes_of["embedding"] == {2 * 3 * 9 * 32 * 4 + 3 * 9 * 8, 2 * 9 * 32 * 4 + 9 * 8}


class Allocator(TorchDispatchMode):
    """Bytes of the memory that torch's operations make, as long as it lives."""

    def __init__(self, *known: Tensor) -> None:
        super().__init__()
        self.live = self.peak = 0
        self._seen = {tensor.untyped_storage()._cdata for tensor in known}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                self._watch(tensor.untyped_storage())
        self.peak = max(self.peak, self.live)
        return out

    def _watch(self, storage: torch.UntypedStorage) -> None:
        if storage._cdata not in self._seen:
            self._seen.add(storage._cdata)
            self.live += storage.nbytes()
            weakref.finalize(storage, self._free, storage._cdata, storage.nbytes())

    def _free(self, key: int, size: int) -> None:
        self._seen.discard(key)
        self.live -= size


def replay(run: Run, allocator: Allocator) -> None:
    """The graph's operations one after the other; each value is let go after its last reader."""
    graph, values = run.graph, dict[int, Any]()
    last = [max([target for target, _ in graph.consumers[node]], default=node) for node in range(len(graph))]
    with torch.no_grad(), allocator:
        for node, attrs in enumerate(graph.attrs[i] for i in range(len(graph))):
            inputs = [values[source] for source in graph.inputs[node]]
            if graph.kind(node) != "op":
                values[node] = run.value(node)
            elif graph.ops[node] == "getitem":
                values[node] = inputs[0][attrs["index"]]
            else:
                values[node] = attrs["call"](*inputs)
            del inputs
            gc.collect(0)  # A recorded call holds its inputs in a cycle.
            for source in {*graph.inputs[node], node}:
                if last[source] <= node and source not in graph.outputs:
                    del values[source]


def test_inference_needs_what_torch_allocates() -> None:
    run = traced("export")
    sample = tokens()
    known = [
        value
        for node in range(len(run.graph))
        if run.graph.kind(node) != "op" and (value := run.value(node)) is not None
    ]
    allocator = Allocator(*known)
    replay(run, allocator)
    expected = memory(run.graph, rehearse(run.graph), range(len(run.graph)))
    assert 0 <= expected.inference - allocator.peak <= sample.nbytes


@pytest.mark.parametrize("mode", MODES)
def test_training_needs_what_torch_allocates(mode: str) -> None:
    """Weights' gradients are let go at once here; one or two of them are there while they are made."""
    module, sample, graph = gpt(), tokens(), traced(mode).graph
    expected = memory(graph, rehearse(graph), range(len(graph)))
    for parameter in module.parameters():
        parameter.register_post_accumulate_grad_hook(lambda p: setattr(p, "grad", None))
    with Allocator(sample, *module.parameters()) as allocator:
        loss = module(sample).sum()
        kept = allocator.live - loss.nbytes
        loss.backward()
    assert kept == expected.kept - sample.nbytes
    largest = max(parameter.nbytes for parameter in module.parameters())
    assert -sample.nbytes <= allocator.peak - expected.training <= 2 * largest
    assert expected.parameters == expected.gradients == sum(p.nbytes for p in module.parameters())
    assert expected.weights == expected.parameters


def test_a_chain_by_hand() -> None:
    """x -> a -> b -> c of 8 bytes each: sin keeps its input, tanh its result."""
    graph = explorer.trace("a = sin(x)\nb = tanh(a)\nc = sin(b)", x=[1.0]).graph
    whole = memory(graph, rehearse(graph), range(4))
    assert (whole.inference, whole.kept) == (16, 16)
    middle = memory(graph, rehearse(graph), [2], received=[1], sent=[2])
    assert (middle.inference, middle.kept, middle.training) == (16, 8, 24)


def test_what_cannot_be_asked_is_taken_to_keep_everything() -> None:
    from tests.segment.graphs import graph

    taken = graph([[], [0]], ["input", "mystery"], [(2,), (3,)])
    seen = rehearse(taken)
    assert seen.assumed == [1] and seen.keeps[1] == seen.lives[0] and seen.bytes == [8, 12]


@pytest.mark.parametrize(("joules", "text"), [(0.0, "0 J"), (2.5, "2.5 J"), (0.0123, "12.3 mJ"), (4e-8, "40 nJ")])
def test_energy_has_its_unit(joules: float, text: str) -> None:
    assert energy(joules) == text
