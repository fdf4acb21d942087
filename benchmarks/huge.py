"""A graph of 100,000 nodes: how long it takes to be traced, and to stand closed in a browser.

The run of a GPT with 1,540 blocks is opened with ``explorer.show``, from the address to the canvas with all of its
steps; most of that is torch reading the file in which the run is handed over. Then come steps by keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import perf_counter
from urllib.request import urlopen

from playwright.sync_api import expect, sync_playwright

import explorer
from benchmarks.app_latency import PROBE, latencies, painted
from benchmarks.table import Row, progress, spread
from explorer import models
from tests.e2e.browser import launch
from tests.e2e.canvas import Canvas

LAYERS, STEPS = 1_540, 18
PATIENCE_MS = 240_000


def rows() -> Iterator[Row]:
    progress("a graph of 100,000 nodes ...")
    model, tokens = models.load("gpt", layers=LAYERS, width=8, heads=1), models.example("gpt")
    start = perf_counter()
    run = explorer.trace_module(model, tokens)
    yield Row(f"Trace of {len(run.graph):,} nodes", f"{perf_counter() - start:.1f} s")
    server = explorer.show(run, block=False)
    _awaited(server.url)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        canvas = Canvas(browser.new_page(viewport={"width": 1440, "height": 900}))
        start = perf_counter()
        canvas.page.goto(server.url)
        expect(canvas.root).to_have_attribute("aria-label", re.compile("your run, .* nodes"), timeout=PATIENCE_MS)
        seconds = perf_counter() - start
        shown = len(canvas.root.evaluate("root => root.explorer.nodes()"))
        yield Row(f"The same opened in a browser, closed to {shown} cards", f"{seconds:.1f} s")
        yield Row("A step on it, key to painted frame", spread(_steps(canvas)))
        browser.close()
    server.close()


def _awaited(url: str) -> None:
    """Return when the app answers."""
    end = perf_counter() + 60
    while perf_counter() < end:
        try:
            urlopen(url, timeout=5).close()
            return
        except OSError:
            continue


def _steps(canvas: Canvas) -> list[float]:
    canvas.settle()
    canvas.root.evaluate(PROBE, ["keydown", "data-step"])
    for _ in range(STEPS):
        old = canvas.data("step")
        canvas.press("ArrowRight")
        painted(canvas, old)
    return latencies(canvas, STEPS)
