"""What it costs to trace a GPT: time and memory over one plain forward and backward pass, beside other tracers.

``python -m benchmarks trace_modules``. A trace is everything: every value, gradient and contribution, with module
and line. Its graph is laid out when somebody looks at it, and "with its graph" includes that. All ways take turns
in one process on one thread, and what is taken is its processor time: on a quiet machine that is the time that passes,
and on a busy one what others do is not in it. A ratio is of medians. Peak memory is that of a process of its own
each. Peers that are not installed are left out: torchlens, torchview, torchviz, jax.
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
from time import process_time
from typing import Any

import torch
from torch import Tensor, nn

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
ROUNDS = {"2 layers": 60, "4 layers": 40, "12 layers": 25, "GPT-2 small": 7}
SLOW_ROUNDS = 3
ALONE = ("plain", "trace", "exported graph, run again")

Way = Callable[[], object]


def rows() -> Iterator[Row]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        plain = {}
        for size in SIZES:
            times = _take_turns(_ways(*_subject(size)), ROUNDS[size], size)
            plain[size] = times.pop("plain")
            yield Row(f"Plain forward and backward, GPT of {size}", f"{plain[size] * 1e3:.2f} ms")
            yield from _ratios(times, plain[size], size)
        for size in SIZES:  # afterwards: torchlens leaves torch's functions wrapped
            for name, peer in _peers(*_subject(size)).items():
                yield from _ratios(_take_turns({name: peer}, SLOW_ROUNDS, size), plain[size], size)
    finally:
        torch.set_num_threads(threads)
    yield from _memory_rows("GPT-2 small")


def _ratios(times: dict[str, float], plain: float, size: str) -> Iterator[Row]:
    for name, time in times.items():
        yield Row(f"{name}, GPT of {size}", f"{time / plain:.2f} × plain")


def _memory_rows(size: str) -> Iterator[Row]:
    progress(f"peak memory, GPT of {size} ...")
    peaks = {way: _peak(size, way) for way in ALONE}
    for way, peak in peaks.items():
        ratio = "" if way == "plain" else f", {peak / peaks['plain']:.2f} × plain"
        yield Row(f"Peak memory of a process, {way}, GPT of {size}", f"{peak / 1024:.0f} MB{ratio}")


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

    exported = cache(lambda: export(model, (tokens,), {}))
    return {
        "plain": plain,
        "trace": lambda: trace_eager(model, (tokens,), {}, loss),
        "trace with its graph": with_graph,
        "exported graph, run again": lambda: exported().run((tokens,), loss=loss),
    }


def _peers(model: nn.Module, tokens: Tensor) -> dict[str, Way]:
    """Other tracers, as far as they are installed, each at what it does at its best."""
    peers: dict[str, Way] = {"torch.export alone": lambda: torch.export.export(model, (tokens,))}
    if find_spec("torchlens"):
        import torchlens

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
    """Median seconds of each way; they take turns, so that caches are as warm for all."""
    progress(f"GPT, {size}: {', '.join(ways)} ...")
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 2):
        for name, way in ways.items():
            start = process_time()
            kept: Any = way()
            if turn >= 2:  # the first turns fill caches
                times[name].append(process_time() - start)
            del kept
    return {name: median(measured) for name, measured in times.items()}


def _peak(size: str, way: str) -> float:
    """Peak resident memory in KiB of a process that builds the model and goes one way twice."""
    command = [sys.executable, "-m", "benchmarks.trace_modules", size, way]
    done = subprocess.run(command, cwd=Path(__file__).resolve().parents[1], capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def main(size: str, way: str) -> None:
    torch.set_num_threads(1)
    model, tokens = _subject(size)
    chosen = _ways(model, tokens)[way]
    for _ in range(2):
        chosen()
    print(_high_water())


def _high_water() -> int:
    """Peak resident memory of this process in KiB, from Linux; getrusage would count the parent's as well."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(*sys.argv[1:])
