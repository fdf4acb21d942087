"""Forward graph and autograd graph beside each other: chosen in one is chosen in the other, and both step together."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.canvas import WAIT_MS, Canvas


def click(canvas: Canvas, root: Locator, node: str) -> None:
    place = root.evaluate("(root, node) => root.explorer.position(node)", node)
    canvas.page.mouse.click(place["x"], place["y"])


def test_both_views_are_linked_and_the_canvas_keeps_its_place(canvas: Canvas) -> None:
    page = canvas.page
    canvas.press("b")
    step = canvas.step
    roots = page.locator('[data-testid="graph-canvas"]')
    roots.evaluate("root => (root.dataset.mine = 'kept')")
    page.get_by_text("Autograd graph", exact=True).click()
    expect(roots).to_have_count(2, timeout=WAIT_MS)
    main, twin = roots.nth(0), roots.nth(1)
    expect(twin).to_have_attribute("data-twin", "autograd")
    expect(main).to_have_attribute("data-mine", "kept")
    expect(main).to_have_attribute("data-step", str(step))
    canvas.settle()
    nodes = twin.evaluate("root => root.explorer.nodes()")
    assert sorted(nodes) == ["AddBackward0", "AddBackward0_1", "MulBackward0", "a", "b"]

    click(canvas, main, "e")
    expect(twin).to_have_attribute("data-selected", "MulBackward0")
    click(canvas, twin, "a")
    expect(main).to_have_attribute("data-selected", "a")
    expect(page.locator(".st-key-inspector .x-name").first).to_have_text("a", timeout=WAIT_MS)

    main.press("End")
    expect(twin).to_have_attribute("data-phase", "backward")
    expect(twin).to_have_attribute("data-step", twin.get_attribute("data-steps") or "")
    main.press("Home")
    expect(twin).to_have_attribute("data-step", "0")
    page.get_by_text("Autograd graph", exact=True).click()
    expect(roots).to_have_count(1, timeout=WAIT_MS)
    expect(main).to_have_attribute("data-mine", "kept")
