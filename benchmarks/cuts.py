"""How a cut moves in a real browser on a graph of some 1,500 operations: frames while it is dragged, and the wait
from its drop to the exact numbers.

A frame is the time between two frames of the browser while every one of them moves the cut; its work is from the
frame's start until it is painted. A drop runs from the pointer's release to the end of the frame in which the canvas
shows Python's answer.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import torch
from playwright.sync_api import sync_playwright

from benchmarks.app_latency import PROBE, painted
from benchmarks.table import Row, progress, spread
from explorer.capture.model import trace_module
from explorer.export.saved import save
from explorer.export.show import RUN
from explorer.models.gpt import GPT, GPTConfig
from tests.e2e.browser import launch
from tests.e2e.canvas import Canvas
from tests.e2e.server import serve

LAYERS, FRAMES, DROPS = 25, 200, 40
FRAME = """(grip, [frames, reach]) => new Promise((done) => {
    const { x, y } = grip.getBoundingClientRect();
    const [spans, works, channel] = [[], [], new MessageChannel()];
    let [last, began] = [0, 0];
    channel.port1.onmessage = () => works.push(performance.now() - began);
    function frame(now) {
        if (last) spans.push(now - last);
        [last, began] = [now, now];
        channel.port2.postMessage(null);
        if (spans.length >= frames) return done({ spans, works });
        const clientY = y + reach * Math.sin(spans.length / 15);
        grip.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY, pointerId: 1, altKey: true }));
        requestAnimationFrame(frame);
    }
    requestAnimationFrame(frame);
})"""


def rows() -> Iterator[Row]:
    torch.manual_seed(0)
    run = trace_module(GPT(GPTConfig(layers=LAYERS, width=64)), (torch.randint(0, 27, (2, 8)),))
    progress(f"cuts of {len(run.graph)} nodes dragged in a browser ...")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.pt"
        save(run, path)
        with patch.dict(os.environ, {RUN: str(path)}), serve() as server, sync_playwright() as playwright:
            browser = launch(playwright)
            canvas = Canvas(browser.new_page(viewport={"width": 1440, "height": 900})).open(server.url)
            yield from _rows(_opened(canvas))
            browser.close()


def _opened(canvas: Canvas) -> Canvas:
    """At its cuts, with all groups open and one cut."""
    canvas.page.get_by_role("radio", name="Segment").click()
    canvas.wait(activity="segment").settle()
    while not canvas.root.evaluate("root => root.explorer.groups().every((group) => group.open)"):
        rev = canvas.data("rev")
        canvas.press(".").wait_for_new("rev", rev)
        canvas.settle()
    rev = canvas.data("rev")
    canvas.press("f", "x").wait_for_new("rev", rev)
    return canvas.settle()


def _rows(canvas: Canvas) -> Iterator[Row]:
    count = len(canvas.root.evaluate("root => root.explorer.nodes()"))
    _take(canvas)
    found = canvas.page.locator(".xp-grip").evaluate(FRAME, [FRAMES, 250])
    canvas.page.mouse.up()
    canvas.settle()
    yield Row(f"A frame while a cut is dragged across {count:,} cards", spread(found["spans"]))
    yield Row("The work of such a frame", spread(found["works"]))
    yield Row("From a cut's drop to the exact numbers on the canvas", spread(_drops(canvas)))


def _take(canvas: Canvas) -> tuple[float, float]:
    cut = canvas.root.evaluate("root => root.explorer.cuts()[0]")
    canvas.page.mouse.move(cut["x"], cut["y"])
    canvas.page.mouse.down()
    return cut["x"], cut["y"]


def _drops(canvas: Canvas) -> list[float]:
    canvas.root.evaluate(PROBE, ["pointerup", "data-rev"])
    for drop in range(DROPS):
        rev = canvas.data("rev")
        x, y = _take(canvas)
        canvas.page.mouse.move(x, y + (90 if drop % 2 else -90), steps=3)
        canvas.page.mouse.up()
        painted(canvas, rev)
        canvas.settle()
    times: list[float] = canvas.root.evaluate("root => root.latencies")
    return times[:DROPS]
