"""``python -m benchmarks [name ...]``: run all benchmarks, or those named, and print one table."""

from __future__ import annotations

import sys
from importlib import import_module

from benchmarks.table import machine, markdown

NAMES = (
    "trace_scalars",
    "trace_modules",
    "train_scalars",
    "layout",
    "crossings",
    "canvas",
    "segment",
    "cuts",
    "proof_app",
    "app_latency",
    "gestures",
    "train_app",
    "model_app",
    "huge",
)


def main(names: list[str]) -> None:
    unknown = set(names) - set(NAMES)
    if unknown:
        raise SystemExit(f"There is no benchmark {', '.join(sorted(unknown))}: there are {', '.join(NAMES)}.")
    rows = [row for name in names or NAMES for row in import_module(f"benchmarks.{name}").rows()]
    print(f"{machine()}\n\n{markdown(rows)}")


if __name__ == "__main__":
    main(sys.argv[1:])
