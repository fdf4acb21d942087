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
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import transformer
from benchmarks.browser import opened, served, unlimited
from benchmarks.drawings import drawn, fabric
from benchmarks.flat import flat_crossings, nested_crossings
from benchmarks.table import Row, markdown, median, percentile, progress
from explorer.capture.collector import without_garbage_collection
from explorer.export.placing import place
from explorer.export.saved import save
from explorer.export.show import RUN
from explorer.passes.condense import condense
from explorer.passes.groups import Groups
from tests.e2e.browser import launch
from tests.e2e.canvas import Canvas
from tests.e2e.server import serve

VISIBLE = (300, 3_000, 10_000)
NAMES: Mapping[str, str] = {"canvas": "canvas", "vis": "vis-network", "cytoscape": "Cytoscape.js"}
FRAMES, FEW_FRAMES, SLOW = 60, 12, 10_000
TOGGLES, ROUNDS, LAYOUTS = 40, 200, 7
LAYERS, DEEP = 12, 75
PAINTED = """(root, key) => new Promise((done) => {
  const since = performance.now();
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now() - since);
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => channel.port2.postMessage(null));
  });
  seen.observe(root, { attributes: true, attributeFilter: ["data-rev"] });
  const { x, y } = root.explorer.box(key);
  const target = root.querySelector(".xp-overlay");
  const { left, top } = target.getBoundingClientRect();
  const at = { clientX: x - scrollX + 16, clientY: y - scrollY + 16, pointerId: 1, button: 0, bubbles: true };
  target.dispatchEvent(new PointerEvent("pointerdown", at));
  target.dispatchEvent(new PointerEvent("pointerup", at));
})"""
"""Presses the triangle of a group; the time from then to the end of the frame that shows the answer."""


def rows() -> Iterator[Row]:
    yield from _layout_rows()
    with sync_playwright() as playwright:
        browser = unlimited(playwright)
        with served() as url:
            yield from _frame_rows(browser, url)
            yield from _memory_rows(browser, url)
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
    ops = sum(1 for ports in run.graph.inputs if ports)
    progress(f"{TOGGLES} groups opened and closed in the app, {ops:,} operations ...")
    with TemporaryDirectory() as folder, _environment(RUN, str(Path(folder) / "run.pt")):
        save(run, Path(folder) / "run.pt")
        with serve() as server:
            canvas = Canvas(browser.new_context(viewport={"width": 1440, "height": 900}).new_page()).open(server.url)
            for unfold in (False, True):
                if unfold:
                    _press(canvas, ".")
                key = canvas.root.evaluate(
                    "root => root.explorer.groups().find((group) => !group.open && /^blocks/.test(group.key)).key"
                )
                times = [_toggle(canvas, key) for _ in range(TOGGLES)]
                what = "one block among twelve" if unfold else "the fold of twelve blocks"
                middle, high = median(times), percentile(times, 95)
                figure = f"{middle:.0f} ms median, {high:.0f} ms p95 (n = {len(times)})"
                yield Row(f"Open or close {what} of {ops:,} operations, click to painted", figure)
    browser.close()


def _press(canvas: Canvas, key: str) -> None:
    rev = canvas.data("rev")
    canvas.press(key).wait_for_new("rev", rev)
    canvas.settle()


def _toggle(canvas: Canvas, key: str) -> float:
    canvas.press("0").settle()
    canvas.page.wait_for_timeout(500)
    milliseconds: float = canvas.root.evaluate(PAINTED, key)
    return milliseconds


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
        times = [_cold(run, seen) for _ in range(LAYOUTS)]
        yield Row(
            f"Layout of {count:,} nodes, all groups open, cold",
            f"{median(times):.0f} ms median, {min(times):.0f} ms best",
        )
        if layers == LAYERS:
            ours, flat = nested_crossings(seen.run.graph), flat_crossings(seen.run.graph)
            yield Row(
                f"Crossings, {count:,} nodes, all open", f"{ours:,}, of flat dot {flat:,} ({ours / flat - 1:+.0%})"
            )


def _cold(run: Any, seen: Any) -> float:
    """As the app lays out: what an earlier layout left is forgotten, and nothing is collected meanwhile."""
    for module in ("sheet", "arrange"):
        for cache in vars(sys.modules[f"explorer.layout.{module}"]).values():
            if type(cache).__name__ == "Cache":
                cache.clear()
    gc.collect()
    with without_garbage_collection():
        start = perf_counter()
        place(run.graph, seen, "tb", compact=True)
        return (perf_counter() - start) * 1e3


def _memory_rows(browser: Browser, url: str) -> Iterator[Row]:
    blob, graph = drawn(fabric(VISIBLE[-1]))
    other, _ = drawn(fabric(VISIBLE[-1] * 9 // 10))
    progress(f"memory over {ROUNDS} rounds ...")
    page = opened(browser, url)
    heaps = []
    for rounds in (10, ROUNDS):
        page.evaluate("(args) => alternate(...args)", [blob, other, rounds])
        heaps.append(_heap(page))
        page.evaluate("window.shown.close()")
    yield Row(f"Browser's JavaScript memory, {len(graph['nodes']):,} nodes", f"{heaps[0]:.0f} MB")
    yield Row(f"The same after {ROUNDS} more rounds of another graph and this one", f"{heaps[1]:.0f} MB")
    page.context.close()


def _heap(page: Page) -> float:
    """In MB, after a collection."""
    size: float = page.evaluate("() => { gc(); gc(); return performance.memory.usedJSHeapSize / 1e6; }")
    return size


if __name__ == "__main__":
    print(markdown(rows()))
