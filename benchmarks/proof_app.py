"""From the drop of a cut on the small trained GPT, in a browser, to the proof of parity in the panel.

From the pointer's release until the panel says of both segments that they are bit-equal: on the traced input and on a
fresh one, outputs and gradients, and eight tokens of text.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import expect, sync_playwright

from benchmarks.table import Row, progress, spread
from tests.e2e.browser import launch
from tests.e2e.canvas import WAIT_MS, Canvas
from tests.e2e.server import serve

DROPS = 20
PROVED = ".st-key-inspector .x-badge.x-good"
WATCH = f"""() => {{
    window.proofs = [];
    let [dropped, card] = [0, null];
    addEventListener("pointerup", () => {{
        [dropped, card] = [performance.now(), document.querySelector("{PROVED}")];
    }}, true);
    new MutationObserver(() => {{
        if (!dropped || card.isConnected || document.querySelectorAll("{PROVED}").length < 2) return;
        window.proofs.push(performance.now() - dropped);
        dropped = 0;
    }}).observe(document.querySelector(".stApp"), {{ subtree: true, childList: true, characterData: true }});
}}"""
"""A segment whose numbers have changed has a new card."""


def rows() -> Iterator[Row]:
    progress("proofs of parity in a browser ...")
    with serve() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        canvas = Canvas(browser.new_page(viewport={"width": 1440, "height": 900})).open(server.url)
        times = _drops(_cut(canvas))
        browser.close()
    yield Row("From a cut's drop on the small GPT to its proof in the panel", spread(times))


def _cut(canvas: Canvas) -> Canvas:
    """The GPT with all of its blocks open, cut once and proved."""
    rev = canvas.data("rev")
    canvas.page.get_by_role("radio", name="Model", exact=True).click()
    canvas.wait_for_new("rev", rev)
    canvas.settle().page.get_by_role("radio", name="Segment").click()
    canvas.wait(activity="segment").settle()
    canvas.press(".").settle()
    canvas.press("f", "x")
    _proved(canvas)
    canvas.page.evaluate(WATCH)
    return canvas


def _drops(canvas: Canvas) -> list[float]:
    for drop in range(DROPS):
        cut = canvas.root.evaluate("root => root.explorer.cuts()[0]")
        canvas.page.mouse.move(cut["x"], cut["y"])
        canvas.page.mouse.down()
        canvas.page.mouse.move(cut["x"], cut["y"] + (-90 if drop % 2 else 90), steps=3)
        canvas.page.mouse.up()
        canvas.page.wait_for_function("count => window.proofs.length === count", arg=drop + 1, timeout=WAIT_MS)
        _proved(canvas)
    found: list[float] = canvas.page.evaluate("window.proofs")
    return found


def _proved(canvas: Canvas) -> None:
    expect(canvas.page.locator(PROVED)).to_have_count(2, timeout=WAIT_MS)
    canvas.settle()
