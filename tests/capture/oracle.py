"""Holds a traced run against plain PyTorch: the same model, the same seed, one forward and one backward."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from explorer.capture.model import trace_module
from explorer.capture.trace import ModuleRun

SEED = 20


def hold(
    module: nn.Module,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    loss: Callable[[Any], Tensor] = lambda output: output.sum(),
    mode: Literal["eager", "export"] = "eager",
) -> ModuleRun:
    """The run of ``module``, after every check that holds for any run of any model."""
    kwargs = dict(kwargs or {})
    plain, plain_args, plain_kwargs = copy.deepcopy((module, args, kwargs))
    seed()
    before = state(module, args, kwargs)
    run = trace_module(module, args, kwargs, loss=loss, mode=mode)
    same(state(module, args, kwargs), before)
    expected_loss, log = _plain(plain, plain_args, plain_kwargs, loss)
    assert_same(run.value(run.output), expected_loss)
    for name, parameter in plain.named_parameters():
        assert_same(run.grad(name), parameter.grad)
    run.graph.check()
    if mode == "eager":
        check_order(run, log)
    check_sums(run)
    check_values(run)
    return run


def check_locals(run: ModuleRun) -> int:
    """Holds every local derivative that is written out against what its edge brought, by the chain rule; how many."""
    held = 0
    for arrival in (arrival for step in run.steps for arrival in step.arrivals):
        local, contribution = arrival.local, arrival.contribution
        if isinstance(local, Tensor) and isinstance(contribution, Tensor) and isinstance(arrival.upstream, Tensor):
            upstream = arrival.upstream.to(local)
            if local.shape == upstream.shape:  # of an elementwise operation, which may have broadcast its input
                product = (upstream * local).sum_to_size(contribution.shape)
            else:
                product = torch.tensordot(upstream, local, upstream.dim())
            torch.testing.assert_close(product, contribution.to(product), rtol=1e-4, atol=1e-5, msg=str(arrival.edge))
            held += 1
    return held


def seed() -> None:
    torch.manual_seed(SEED)
    random.seed(SEED)
    np.random.seed(SEED)


def _plain(module: nn.Module, args: Any, kwargs: Any, loss: Any) -> tuple[Tensor, list[Any]]:
    """The loss, and what hooks on all autograd nodes saw, in the order in which they were called."""
    seed()
    value = loss(module(*args, **kwargs))
    log: list[Any] = []
    seen, ahead = {value.grad_fn}, [value.grad_fn]
    while ahead:
        fn = ahead.pop()
        if not hasattr(fn, "variable") or not fn.name().endswith("AccumulateGrad"):
            fn.register_hook(_noted(log, fn))
        for before, _ in fn.next_functions:
            if before is not None and before not in seen:
                seen.add(before)
                ahead.append(before)
    value.backward()
    return value.detach(), log


def _noted(log: list[Any], fn: Any) -> Callable[[Any, Any], None]:
    wanted = [before is not None for before, _ in fn.next_functions]
    return lambda into, out: log.append(
        (fn.name(), [g for g, is_wanted in zip(into, wanted, strict=False) if is_wanted], out)
    )


def state(module: nn.Module, args: Any, kwargs: Any) -> dict[str, Any]:
    """All that a trace must leave as it was."""
    tensors = [t for t in torch.utils._pytree.tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
    named = [*module.named_parameters(), *module.named_buffers()]
    return {
        "contents": [t.detach().clone() for _, t in named] + [t.detach().clone() for t in tensors],
        "identities": [(name, id(t), t.requires_grad) for name, t in named]
        + [(id(t), t.requires_grad) for t in tensors],
        "grads": [id(t.grad) for _, t in named] + [id(t.grad) for t in tensors if t.is_leaf],
        "modules": [
            (m.training, sorted(vars(m)), len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks))
            for m in module.modules()
        ],
        "random": [torch.get_rng_state(), repr(random.getstate()), repr(np.random.get_state())],
        "torch": [torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_default_dtype()],
    }


def same(now: Any, before: Any) -> None:
    assert now.keys() == before.keys()
    for key in before:
        if key == "random":
            assert torch.equal(now[key][0], before[key][0]) and now[key][1:] == before[key][1:]
        elif key == "contents":
            for a, b in zip(now[key], before[key], strict=True):
                assert_same(a, b)
        else:
            assert now[key] == before[key], key


def is_same(a: Tensor | None, b: Tensor | None) -> bool:
    """Equal to the last bit, NaN included."""
    if a is None or b is None:
        return a is b
    return a.shape == b.shape and a.dtype == b.dtype and torch.equal(a.nan_to_num(12345.0), b.nan_to_num(12345.0))


def assert_same(a: Tensor | None, b: Tensor | None) -> None:
    assert is_same(a, b), (a, b)


def check_order(run: ModuleRun, log: list[Any]) -> None:
    """The nodes hand on in the engine's order, and each holds the gradient that the engine gave it."""
    graph = run.graph
    unseen = run._laid_out[0].ties.stands_for.keys() | {
        graph.inputs[i][1] for i, op in enumerate(graph.ops) if op == "copy_slices"
    }
    order = [i for i in run.backward.order if graph.ops[i] != "getitem" and i not in unseen]
    assert len(order) == len(log), (len(order), len(log))
    for node, (name, into, out) in zip(order, log, strict=True):
        if run.grads[node] is not None:
            assert any(is_same(run.grads[node], grad) for grad in out), (graph.ids[node], name)
        if graph.ops[node] != "copy_slices":
            edges = range(graph.edge_starts[node], graph.edge_starts[node + 1])
            parts = [run.contributions[edge] for edge in edges if run.contributions[edge] is not None]
            handed = [grad for grad in into if grad is not None]
            assert len(parts) == len(handed), (graph.ids[node], name, len(parts), len(handed))
            assert all(map(is_same, parts, handed)), (graph.ids[node], name)


def check_sums(run: ModuleRun) -> None:
    """The contributions into a node, in the engine's order, sum to its gradient to the last bit."""
    graph, sums = run.graph, dict[int, Tensor]()
    for node in run.backward.order:
        for port, source in enumerate(graph.inputs[node]):
            part = run.contributions[graph.edge_starts[node] + port]
            if part is not None and graph.dtypes[source]:
                sums[source] = sums[source] + part if source in sums else part
    for node, grad in enumerate(run.grads):
        if node in sums:
            assert_same(grad, sums[node])
        elif node != run.backward.output and graph.ops[node] != "getitem":
            assert grad is None, graph.ids[node]


def check_values(run: ModuleRun) -> None:
    """Every operation, done once more on the recorded values of its inputs, gives its recorded value.

    An exported graph runs with autograd above it, and torch takes another kernel for some convolutions there.
    """
    wanted = run.graph.requires_grad if run.exported else [False] * len(run.graph)
    for node, value in enumerate(run.values):
        again = run.graph.attrs[node].get("call")
        inputs = [run.values[source] for source in run.graph.inputs[node]]
        if again is None or value is None or any(x is None for x in inputs) or run.graph.ops[node] in RANDOM:
            continue
        given = zip(inputs, run.graph.inputs[node], strict=True)
        with torch.set_grad_enabled(bool(run.exported)):
            result = again(*(x.detach().requires_grad_(wanted[source]) for x, source in given))
        assert_same(result[0] if isinstance(result, list | tuple) else result, value)


RANDOM = {"bernoulli", "dropout", "scaled_dot_product_attention", "rand", "randn", "uniform", "normal"}
