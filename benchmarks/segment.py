"""Cuts: how long it takes to plan, to show and to prove them.

``python -m benchmarks.segment --data FOLDER`` also divides the profiled graphs in a folder, which are JSON files of
the published device-placement format, and prints the largest load of each. ``--parity`` alone proves every cut between
two operations of our small GPT and of six tiny models of Hugging Face's library, on the traced inputs and on others.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from benchmarks.table import Row, machine, markdown, median, progress, spread
from explorer.capture.model import trace_module
from explorer.models.gpt import GPT, GPTConfig
from explorer.models.hugging import from_config, inputs_for
from explorer.models.presets import preset
from explorer.segment.api import segment
from explorer.segment.cost import costs
from explorer.segment.cut import after, placed
from explorer.segment.devices import devices, links
from explorer.segment.fresh import fresh
from explorer.segment.parity import verify
from explorer.segment.partition.placement import least_load, read_placement
from explorer.segment.partition.plan import plan
from explorer.segment.preview import preview
from explorer.segment.split import split
from explorer.segment.timing import timing
from explorer.segment.units import units

ROUNDS = 9
DEVICE, LINK = "Desktop GPU, GeForce RTX 4090", "NVLink 4"
TINY = ("gpt", "gpt2", "llama", "bert", "t5", "qwen2", "opt")
LAYERS = 28
"""About 2,000 operations where every ATen operation is one."""


def rows(folder: Path | None = None) -> Iterator[Row]:
    torch.manual_seed(0)
    yield from _plans()
    yield from _proof()
    if find_spec("transformers"):
        yield _without_weights()
    for path in sorted(folder.glob("*.json")) if folder else ():
        yield _published(path)


def _plans() -> Iterator[Row]:
    tokens = torch.randint(0, 27, (4, 16))
    graph = trace_module(GPT(GPTConfig(layers=LAYERS, width=64)), (tokens,)).graph
    progress(f"plans for {len(graph)} nodes ...")
    taken, known = units(graph), costs(graph)
    on, over = [devices()[DEVICE]] * 8, [links()[LINK]] * 7
    found = plan(taken, known, on, over)
    yield Row(f"What {len(graph):,} nodes cost, once", f"{median(_times(lambda: costs(graph), 3)):.0f} ms")
    figure = spread(_times(lambda: plan(taken, known, on, over), ROUNDS))
    yield Row(f"Eight segments of {len(graph):,} nodes with the smallest bottleneck ({found.label})", figure)
    paths = [f"h.{layer}" for layer in range(3, LAYERS, 4)]

    def drop() -> None:
        shown = preview(after(graph, paths), known)
        timing(shown, known, on, over)

    yield Row(f"From a cut of {len(graph):,} nodes to the numbers of all segments", spread(_times(drop, 5 * ROUNDS)))


def _proof() -> Iterator[Row]:
    tokens = torch.randint(0, 27, (8, 16))
    run = trace_module(GPT(GPTConfig()).eval(), (tokens,), mode="export")
    progress("proofs of parity ...")
    of = after(run.graph, ["h.0"])
    made = verify(split(run, of), (tokens,))
    how = "bit-equal" if made.bit_equal else f"gradients differ by {made.gradient_difference:.1e}"
    figure = spread(_times(lambda: verify(split(run, of), (tokens,)), ROUNDS))
    yield Row(f"From a cut of the small GPT to its proof ({how})", figure)


def _without_weights() -> Row:
    """In a process of its own, whose memory is that of the plan."""
    progress("a plan for 7 billion parameters ...")
    command = [sys.executable, "-m", "benchmarks.segment", "--seven-billion"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    figure = f"{found['seconds']:.1f} s, {found['bytes'] / 1e9:.2f} GB of memory"
    return Row("Llama 7B from its configuration to four planned segments, without weights", figure)


def _published(path: Path) -> Row:
    progress(f"{path.name} ...")
    problem = read_placement(path.read_text(encoding="utf-8"))
    start = perf_counter()
    done = least_load(problem)
    figure = f"{done.load:.4f} on {len(done.devices)} devices, {(perf_counter() - start) * 1e3:.1f} ms"
    return Row(f"Smallest largest load of {path.stem}", figure)


def _every_cut(name: str) -> Row:
    """Each position of a single cut: outputs to the last bit, gradients with copies added up."""
    run, args, kwargs = _tiny(name)
    taken = units(run.graph)
    others, last = fresh(run.exported.program, args, kwargs), len(taken) - 1
    equal, worst, unlike = 0, 0.0, 0
    for cut in range(last):
        progress(f"{name}: cut {cut + 1} of {last} ...")
        parts = split(run, placed(taken, [int(unit > cut) for unit in range(len(taken))]))
        for made in (verify(parts, args, kwargs), verify(parts, *others)):
            unlike += not made.outputs_equal
            equal += made.bit_equal
            worst = max(worst, made.gradient_difference)
    figure = f"{last} cuts, twice each: outputs bit-equal in {2 * last - unlike} of {2 * last}, gradients in {equal}"
    return Row(f"Parity of {name}, cut between any two operations", f"{figure}, at most {worst:.1e} apart")


def _tiny(name: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """A small model, captured, with what it was captured with."""
    torch.manual_seed(0)
    if name == "gpt":
        args = (torch.randint(0, 27, (3, 9)),)
        return trace_module(GPT(GPTConfig()).eval(), args, mode="export"), args, {}
    sizes = (
        {"num_hidden_layers": 1} if name not in ("gpt2", "t5") else {"n_layer" if name == "gpt2" else "num_layers": 1}
    )
    model = from_config({**(preset(name) or {}), **sizes})
    known = signature(model.forward).parameters
    kwargs = {key: value for key, value in inputs_for(model).items() if key in known}
    return trace_module(model, (), kwargs, mode="export"), (), kwargs


def _seven_billion() -> None:
    """From nothing to a previewed cut in four, as JSON: seconds, and the most memory that the process had."""
    start = perf_counter()
    from transformers import LlamaConfig, LlamaForCausalLM

    with torch.device("meta"):
        model = LlamaForCausalLM._from_config(LlamaConfig(use_cache=False), attn_implementation="eager").eval()
        tokens = torch.ones(2, 512, dtype=torch.long)
    run = trace_module(model, (), {"input_ids": tokens, "use_cache": False}, mode="export")
    seg = segment(run, parts=4, devices=[DEVICE], links=[LINK])
    assert sum(part.parameters for part in seg.segments) > 6.7e9
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": perf_counter() - start, "bytes": most}))


def _times(work: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each round, after one that is not counted."""
    found = []
    for _ in range(rounds + 1):
        start = perf_counter()
        work()
        found.append((perf_counter() - start) * 1e3)
    return found[1:]


def main() -> None:
    parser = argparse.ArgumentParser("benchmarks.segment", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="profiled graphs of the device-placement format")
    parser.add_argument("--parity", action="store_true", help="prove every cut of seven small models, and nothing else")
    parser.add_argument("--seven-billion", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.seven_billion:
        _seven_billion()
    elif options.parity:
        print(f"{machine()}\n\n{markdown(map(_every_cut, TINY))}")
    else:
        print(f"{machine()}\n\n{markdown(rows(options.data))}")


if __name__ == "__main__":
    main()
