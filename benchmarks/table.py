"""A measured figure, the table of them, and the machine that they were measured on."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import torch


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, and the figure with its unit."""

    what: str
    figure: str


def markdown(rows: Iterable[Row]) -> str:
    lines = [f"| {row.what} | {row.figure} |" for row in rows]
    return "\n".join(["| Measured | Figure |", "|---|---|", *lines])


def machine() -> str:
    """The processor, its cores, and the versions that matter."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, torch {torch.__version__}"
    )


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes, with the garbage of earlier work collected before."""
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def median(times: Sequence[float]) -> float:
    return statistics.median(times)


def percentile(times: Sequence[float], percent: int) -> float:
    """The smallest measured time that at least ``percent`` of all do not exceed."""
    ordered = sorted(times)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def spread(milliseconds: Sequence[float]) -> str:
    """``16.7 ms median, 16.9 ms p95 (n = 60)``."""
    middle, high = median(milliseconds), percentile(milliseconds, 95)
    return f"{middle:.1f} ms median, {high:.1f} ms p95 (n = {len(milliseconds)})"


def progress(text: str) -> None:
    """Says on stderr what is being measured, so that stdout is the table alone."""
    print(text, file=sys.stderr, flush=True)
