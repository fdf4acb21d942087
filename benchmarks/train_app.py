"""How fast training moves in a real browser: a two-layer network on the two moons, as fast as it goes.

Counted over some seconds, on the page itself: gradient steps from the canvas's attribute, pictures of the loss and of
the boundary from the attributes that are set once they are painted, pictures of the graph from the traces it took.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from benchmarks.table import Row, progress
from tests.e2e.browser import launch
from tests.e2e.canvas import Canvas
from tests.e2e.server import serve

SECONDS = 10
ROUNDS = 3
COUNT = """(root, seconds) => new Promise((done) => {
    const counts = { graph: 0, loss: 0, boundary: 0 };
    const observe = (element, attribute, name) => {
        const observer = new MutationObserver((all) => { counts[name] += all.length; });
        observer.observe(element, { attributes: true, attributeFilter: [attribute] });
        return observer;
    };
    const observers = [
        observe(root, "data-rev", "graph"),
        observe(root.querySelector(".xp-curve"), "data-painted", "loss"),
        observe(root.querySelector(".xp-plane"), "data-painted", "boundary"),
    ];
    const [since, first] = [performance.now(), Number(root.dataset.trainStep)];
    setTimeout(() => {
        observers.forEach((observer) => observer.disconnect());
        const passed = (performance.now() - since) / 1000;
        const steps = Number(root.dataset.trainStep) - first;
        done([steps / passed, counts.graph / passed, counts.loss / passed, counts.boundary / passed]);
    }, 1000 * seconds);
})"""
NAMES = ("gradient steps", "pictures of the graph", "of the loss", "of the boundary")


def rows() -> Iterator[Row]:
    progress(f"training in a browser, {ROUNDS} rounds of {SECONDS} s ...")
    with serve() as server, sync_playwright() as playwright:
        browser = launch(playwright)
        canvas = _moons(Canvas(browser.new_page(viewport={"width": 1440, "height": 900})).open(server.url))
        rounds: list[list[float]] = [canvas.root.evaluate(COUNT, SECONDS) for _ in range(ROUNDS)]
        browser.close()
    best = [max(column) for column in zip(*rounds, strict=True)]
    least = [min(column) for column in zip(*rounds, strict=True)]
    figures = ", ".join(f"{low:.0f}–{high:.0f} {name}" for name, low, high in zip(NAMES, least, best, strict=True))
    yield Row("Two-layer network on 60 points of the moons, trained in a browser, a second", figures)


def _moons(canvas: Canvas) -> Canvas:
    """The network of the moons, training."""
    page = canvas.page
    page.get_by_role("radio", name="Train").click()
    canvas.wait(**{"train-step": 0}).settle()
    page.get_by_label("Data set").click()
    page.get_by_role("option", name="Two moons").click()
    canvas.root.locator(".xp-plane").wait_for(state="visible")
    canvas.root.get_by_label("Gradient steps a second").select_option("0")
    canvas.settle().press("t")
    canvas.page.wait_for_function("root => Number(root.dataset.trainStep) > 5", arg=canvas.root.element_handle())
    return canvas
