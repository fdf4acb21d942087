"""The canvas beside vis-network and Cytoscape.js: frames while panning and stepping, groups, layout, memory.

Every figure of a comparison is of the same graph at the same places in the same run. A frame's time is that from one
frame to the next in a headless Chromium that draws as many as it can, drawing and raster together.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import transformer
from benchmarks.app_latency import PROBE, latencies, painted
from benchmarks.browser import opened, served, unlimited
from benchmarks.drawings import drawn, fabric
from benchmarks.table import Row, markdown, median, progress, spread
from explorer.capture.collector import without_garbage_collection
from explorer.export.placing import place
from explorer.export.saved import save
from explorer.export.show import RUN
from explorer.layout.cache import Cache
from explorer.passes.condense import condense
from explorer.passes.groups import Groups
from explorer.run import Run
from tests.e2e.browser import launch
from tests.e2e.canvas import Canvas
from tests.e2e.server import serve

VISIBLE = (300, 3_000, 10_000)
NAMES: Mapping[str, str] = {"canvas": "canvas", "vis": "vis-network", "cytoscape": "Cytoscape.js"}
FRAMES, FEW_FRAMES, SLOW = 60, 12, 10_000
TOGGLES, WARM, ROUNDS, LAYOUTS, REST_MS, PAN = 40, 20, 200, 7, 400, 80
PATIENCE_MS = 120_000
LAYERS, DEEP = 12, 75
BLOCKS = """root => root.explorer.groups().filter((group) => !group.open && group.key.startsWith('blocks'))
  .map((group) => group.key)"""


def rows() -> Iterator[Row]:
    yield from _layout_rows()
    with sync_playwright() as playwright:
        browser = unlimited(playwright)
        with served() as url:
            yield from _frame_rows(browser, url)
        yield from _deep_rows(browser)
        browser.close()
        yield from _toggle_rows(launch(playwright))


def _frame_rows(browser: Browser, url: str) -> Iterator[Row]:
    for count in VISIBLE:
        blob, graph = drawn(fabric(count))
        found = {}
        for name, called in NAMES.items():
            progress(f"{called}, {len(graph['nodes']):,} nodes in view ...")
            page = opened(browser, url)
            frames = FRAMES if name == "canvas" or count < SLOW else FEW_FRAMES
            found[name] = page.evaluate("(args) => measure(...args)", [name, blob, graph, frames])
            page.context.close()
        yield from _compared(len(graph["nodes"]), found)
    progress("two device pixels a pixel ...")
    page = opened(browser, url, ratio=2)
    sharp = page.evaluate("(args) => measure(...args)", ["canvas", blob, graph, FRAMES])
    page.context.close()
    yield Row(f"The same at 2 device pixels a pixel, {count:,} nodes, pan", f"{median(sharp['pan']):.1f} ms a frame")


def _compared(count: int, found: Mapping[str, Any]) -> Iterator[Row]:
    for what in ("pan", "step"):
        times = {name: median(measured[what]) for name, measured in found.items()}
        figures = [f"{NAMES[name]} {time:.1f}" for name, time in times.items()]
        ahead = times["vis"] / times["canvas"]
        yield Row(
            f"{count:,} nodes in view, {what}, median ms a frame", f"{', '.join(figures)}: {ahead:.0f} x vis-network"
        )
    starts = [f"{NAMES[name]} {measured['start']:,.0f} ms" for name, measured in found.items()]
    yield Row(f"{count:,} nodes, to the first frame", ", ".join(starts))


def _toggle_rows(browser: Browser) -> Iterator[Row]:
    run = transformer.run(LAYERS)
    ops = _operations(run)
    progress(f"{TOGGLES} groups opened and closed in the app, {ops:,} operations ...")
    with _app(browser, run) as canvas:
        for level, opened_to in ((1, "twelve blocks"), (0, "all folded")):
            yield _toggle_row(canvas, f"Open or close a group of {ops:,} operations, {opened_to} in view")
            if level:
                yield _first_row(canvas, f"Open one block after the other of {ops:,} operations for the first time")
                _level(canvas, ",")


def _deep_rows(browser: Browser) -> Iterator[Row]:
    """Everything opened in the app, level by level, closed again, and one block opened and closed many times."""
    run = transformer.run(DEEP)
    progress(f"{len(run.graph):,} nodes opened in the app, then {ROUNDS} times a group of them ...")
    with _app(browser, run, reduced_motion="reduce") as canvas:
        key = canvas.press("0").root.evaluate(BLOCKS)[0]
        most = int(canvas.root.evaluate("root => root.querySelector('.xp-level').max"))
        times = [_level(canvas, ".") for _ in range(most - 1)]
        yield Row(
            f"All of {len(run.graph):,} nodes opened, a level at a time, key to painted",
            f"{', '.join(f'{time:,.0f}' for time in times)} ms",
        )
        yield Row("Browser's JavaScript memory with all of them open", f"{_heap(canvas.page):.0f} MB")
        for _ in times:
            _level(canvas, ",")
        heaps = []
        for rounds in (WARM, ROUNDS, ROUNDS):
            for _ in range(2 * rounds):
                _double_click(canvas, key, rest=0)
            heaps.append(_heap(canvas.page))
        figures = ", ".join(f"{heap:.1f} MB" for heap in heaps)
        yield Row(f"The same after {WARM} rounds of opening and closing a block, {ROUNDS} more, {ROUNDS} more", figures)


def _operations(run: Run) -> int:
    return sum(1 for ports in run.graph.inputs if ports)


@contextmanager
def _app(browser: Browser, run: Run, **context: Any) -> Iterator[Canvas]:
    """The app on a run."""
    with TemporaryDirectory() as folder, _environment(RUN, str(Path(folder) / "run.pt")):
        save(run, Path(folder) / "run.pt")
        with serve() as server:
            page = browser.new_context(viewport={"width": 1440, "height": 900}, **context).new_page()
            page.set_default_timeout(PATIENCE_MS)
            yield Canvas(page).open(server.url)
            page.context.close()


def _level(canvas: Canvas, key: str) -> float:
    """One level more or less is opened: ms until it is painted."""
    old = canvas.data("rev")
    canvas.root.evaluate(PROBE, ["keydown", "data-rev"])
    canvas.press(key)
    painted(canvas, old)
    [time] = latencies(canvas, 1)
    canvas.settle()
    return time


def _first_row(canvas: Canvas, what: str) -> Row:
    """Nothing of what is in the group was drawn before."""
    keys = canvas.root.evaluate(BLOCKS)[1:]
    for key in keys:
        _bring(canvas, key, *_middle(canvas))
        _double_click(canvas, key)
    return Row(f"{what}, click to painted", spread(latencies(canvas, TOGGLES + len(keys))[TOGGLES:]))


def _toggle_row(canvas: Canvas, what: str) -> Row:
    """By double-clicks, each from its second click to the end of the frame that shows the answer.

    That frame is the first of those in which the cards slide to their new places: from then on they can be clicked.
    """
    key = canvas.settle().press("0").root.evaluate(BLOCKS)[0]
    canvas.page.wait_for_timeout(REST_MS)
    _bring(canvas, key, *_middle(canvas))
    canvas.root.evaluate(PROBE, ["pointerup", "data-rev"])
    for _ in range(TOGGLES):
        _double_click(canvas, key)
    return Row(f"{what}, click to painted", spread(latencies(canvas, TOGGLES)))


def _double_click(canvas: Canvas, key: str, rest: float = REST_MS) -> None:
    """And wait until it is answered, while nobody asks the page."""
    box, rev = canvas.box(key), canvas.data("rev")
    canvas.page.mouse.dblclick(box["x"] + 60, box["y"] + 8)
    painted(canvas, rev)
    canvas.settle().page.wait_for_timeout(rest)


def _middle(canvas: Canvas) -> tuple[float, float]:
    stage = canvas.root.bounding_box()
    assert stage is not None
    return stage["x"] + stage["width"] / 3, stage["y"] + 200


def _bring(canvas: Canvas, key: str, x: float, y: float) -> None:
    """By the keys that pan, so many pixels each."""
    box = canvas.box(key)
    across, down = round((x - box["x"]) / PAN), round((y - box["y"]) / PAN)
    canvas.press(*(["4" if across > 0 else "6"] * abs(across)), *(["8" if down > 0 else "2"] * abs(down)))
    canvas.page.wait_for_timeout(REST_MS)


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def _layout_rows() -> Iterator[Row]:
    for layers in (LAYERS, DEEP):
        run = transformer.run(layers)
        groups = Groups(run.graph)
        seen = condense(run, groups, frozenset(groups.by_key))
        count = len(seen.run.graph)
        progress(f"layout of {count:,} nodes, all groups open ...")
        worked, walls = zip(*(_cold(run, seen) for _ in range(LAYOUTS)), strict=True)
        yield Row(
            f"Layout of {count:,} nodes, all groups open, cold",
            f"{median(walls):.0f} ms median, of the processor {median(worked):.0f} ms (n = {LAYOUTS})",
        )


def _cold(run: Any, seen: Any) -> tuple[float, float]:
    """As the app lays out: what an earlier layout left is forgotten, and nothing is collected meanwhile.

    Milliseconds of the processor, and those that went by.
    """
    for name, module in list(sys.modules.items()):
        for cache in vars(module).values() if name.startswith("explorer.layout.") else ():
            if isinstance(cache, Cache):
                cache.clear()
    gc.collect()
    with without_garbage_collection():
        worked, start = process_time(), perf_counter()
        place(run.graph, seen, "tb", compact=True)
        return (process_time() - worked) * 1e3, (perf_counter() - start) * 1e3


def _heap(page: Page) -> float:
    """In MB, after a collection."""
    size: float = page.evaluate("() => { gc(); gc(); return performance.memory.usedJSHeapSize / 1e6; }")
    return size


if __name__ == "__main__":
    print(markdown(rows()))
