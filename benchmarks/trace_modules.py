"""What it costs to trace a GPT: time and memory over one plain forward and backward pass, beside other tracers.

``python -m benchmarks trace_modules``. A trace is everything: every value, gradient and contribution, with module
and line. Its graph is laid out when somebody looks at it, and "with its graph" includes that. All ways take turns
in one process on one thread, and what is taken is its processor time: on a quiet machine that is the time that passes,
and on a busy one what others do is not in it. A ratio is of medians. Memory that was freed stays with the process
(``allocator``). What a way costs with the allocator as it comes, and its peak memory, are those of a process of its own
each, at the size of GPT-2 small; the memory of smaller models is drowned in torch's own. "Kept alive" is the least that
any recorder in Python costs: a mode that keeps results and does nothing else. Peers that are not installed are left
out: torchlens, torchview, torchviz, jax.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.allocator import keeping_memory
from benchmarks.table import Row, median, progress
from explorer import models
from explorer.capture.eager import trace_eager
from explorer.capture.module import export
from explorer.models.gpt import next_token_loss

TOKENS = 32
SIZES: dict[str, dict[str, int]] = {
    "2 layers": {"layers": 2, "width": 64, "heads": 4, "vocabulary": 65, "context": TOKENS},
    "4 layers": {"layers": 4, "width": 64, "heads": 4, "vocabulary": 65, "context": TOKENS},
    "12 layers": {"layers": 12, "width": 64, "heads": 4, "vocabulary": 65, "context": TOKENS},
    "GPT-2 small": {"layers": 12, "width": 768, "heads": 12, "vocabulary": 50257, "context": 1024},
}
ROUNDS = {"2 layers": 200, "4 layers": 100, "12 layers": 40, "GPT-2 small": 7}
SLOW_ROUNDS = 3
ALONE = ("plain", "trace", "exported graph, run again")
ALONE_ROUNDS = 9

Way = Callable[[], object]


def rows() -> Iterator[Row]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with keeping_memory():
            yield from _rows_in_turns()
    finally:
        torch.set_num_threads(threads)
    yield from _rows_alone("GPT-2 small")


def _rows_in_turns() -> Iterator[Row]:
    plain = {}
    for size in SIZES:
        times = _take_turns(_ways(*_subject(size)), ROUNDS[size], size)
        plain[size] = times.pop("plain")
        yield Row(f"Plain forward and backward, GPT of {size}", f"{plain[size] * 1e3:.2f} ms")
        yield from _ratios(times, plain[size], size)
    for size in SIZES:  # afterwards: torchlens leaves torch's functions wrapped
        for name, peer in _peers(*_subject(size)).items():
            yield from _ratios(_take_turns({name: peer}, SLOW_ROUNDS, size), plain[size], size)


def _ratios(times: dict[str, float], plain: float, size: str) -> Iterator[Row]:
    for name, time in times.items():
        yield Row(f"{name}, GPT of {size}", f"{time / plain:.2f} × plain")


def _rows_alone(size: str) -> Iterator[Row]:
    progress(f"a process each, GPT of {size} ...")
    plain, *others = [(way, *_alone(size, way)) for way in ALONE]
    yield Row(f"A process of its own, plain, GPT of {size}", f"{plain[1] * 1e3:.0f} ms, peak {plain[2] / 1024:.0f} MB")
    peers = ((way, *_alone(size, way)) for way in _peers(*_subject(size)))
    for way, seconds, peak in (*others, *peers):
        ratios = f"{seconds / plain[1]:.2f} × plain; peak {peak / 1024:.0f} MB, {peak / plain[2]:.2f} × plain"
        yield Row(f"A process of its own, {way}, GPT of {size}", ratios)


def _subject(size: str) -> tuple[nn.Module, Tensor]:
    model = models.load("gpt", **SIZES[size]).train()
    return model, torch.randint(SIZES[size]["vocabulary"], (1, TOKENS), generator=torch.Generator().manual_seed(0))


def _ways(model: nn.Module, tokens: Tensor) -> dict[str, Way]:
    def loss(logits: Tensor) -> Tensor:
        return next_token_loss(logits, tokens)

    def plain() -> None:
        model.zero_grad()
        loss(model(tokens)).backward()

    def with_graph() -> object:
        run = trace_eager(model, (tokens,), {}, loss)
        return run.graph, run.values, run.backward

    def kept(backward: bool) -> object:
        model.zero_grad()
        with _Kept() as mode:
            total = loss(model(tokens))
            if backward:
                total.backward()
        if not backward:
            total.backward()
        return mode.results

    exported = cache(lambda: export(model, (tokens,), {}))
    return {
        "plain": plain,
        "trace": lambda: trace_eager(model, (tokens,), {}, loss),
        "trace with its graph": with_graph,
        "exported graph, run again": lambda: exported().run((tokens,), loss=loss),
        "results of the forward kept alive": lambda: kept(backward=False),
        "results of both passes kept alive": lambda: kept(backward=True),
    }


class _Kept(TorchDispatchMode):
    """Keeps the result of every operation, and does nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[Any] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func._op(*args, **kwargs) if kwargs else func._op(*args)
        self.results.append(result)
        return result


def _peers(model: nn.Module, tokens: Tensor) -> dict[str, Way]:
    """Other tracers, as far as they are installed, each at what it does at its best."""
    peers: dict[str, Way] = {"torch.export alone": lambda: torch.export.export(model, (tokens,))}
    if find_spec("torchlens"):
        import torchlens
        from torchlens.options import CaptureOptions

        def both() -> None:
            log = torchlens.trace(model, tokens, capture=CaptureOptions(save_grads=True))
            log.log_backward(next_token_loss(log[log.output_layers[0]].out, tokens))

        peers["torchlens (values and gradients)"] = lambda: _quietly(both)
        peers["torchlens (values, no gradients)"] = lambda: _quietly(lambda: torchlens.trace(model, tokens))
    if find_spec("torchview"):
        import torchview

        peers["torchview (no values, no gradients)"] = lambda: _quietly(
            lambda: torchview.draw_graph(model, input_data=tokens, device="cpu")
        )
    if find_spec("torchviz"):
        import torchviz

        peers["torchviz (no values, no gradients)"] = lambda: torchviz.make_dot(model(tokens).sum())
    if find_spec("jax"):
        from benchmarks.jax_gpt import JaxGPT

        peers["jax.make_jaxpr of loss and gradients (no values)"] = JaxGPT(model, tokens).jaxpr
    return peers


def _quietly(call: Way) -> object:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return call()


def _take_turns(ways: dict[str, Way], rounds: int, size: str) -> dict[str, float]:
    """Median seconds of each way. They take turns in an order drawn anew each round: what one leaves behind, in caches,
    memory and the collector's counts, falls to all of them alike.
    """
    progress(f"GPT, {size}: {', '.join(ways)} ...")
    times: dict[str, list[float]] = {name: [] for name in ways}
    draw, order = Random(0), list(ways)
    for turn in range(rounds + 2):
        draw.shuffle(order)
        for name in order:
            start = process_time()
            kept: Any = ways[name]()
            if turn >= 2:  # the first turns fill caches
                times[name].append(process_time() - start)
            del kept
    return {name: median(measured) for name, measured in times.items()}


def _alone(size: str, way: str) -> tuple[float, float]:
    """Median seconds, and peak resident memory in KiB, of a process that builds the model and goes one way."""
    command = [sys.executable, "-m", "benchmarks.trace_modules", size, way]
    done = subprocess.run(command, cwd=Path(__file__).resolve().parents[1], capture_output=True, text=True, check=True)
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


def main(size: str, way: str) -> None:
    torch.set_num_threads(1)
    subject = _subject(size)
    own = _ways(*subject)
    chosen, rounds = (own[way], ALONE_ROUNDS) if way in own else (_peers(*subject)[way], SLOW_ROUNDS)
    print(_take_turns({way: chosen}, rounds, size)[way], _high_water())


def _high_water() -> int:
    """Peak resident memory of this process in KiB, from Linux; getrusage would count the parent's as well."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(*sys.argv[1:])
