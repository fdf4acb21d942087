"""Colours on the canvas: chosen by hand and by key, as the legend says, kept through an edit, taken from a file."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import expect

from explorer.overlays.colors import RAMPS
from tests.e2e.canvas import WAIT_MS, Canvas


def ground(canvas: Canvas, node: str) -> str:
    """The colour of a card between its name and its number."""
    box = canvas.box(node)
    x, y = box["x"] + 0.62 * box["width"], box["y"] + 5
    clip = {"x": x, "y": y, "width": 2, "height": 2}
    shot = Image.open(io.BytesIO(canvas.page.screenshot(clip=clip))).convert("RGB")
    return f"#{shot.tobytes()[:3].hex().upper()}"


def coloured(canvas: Canvas, key: str) -> None:
    expect(canvas.root.locator(".xp-stage")).to_have_attribute("data-coloring", key, timeout=WAIT_MS)
    canvas.settle()


def test_cards_are_painted_as_the_legend_says_and_stay_so_through_an_edit(canvas: Canvas) -> None:
    select, legend = canvas.root.locator(".xp-colorby select"), canvas.root.locator(".xp-colors")
    expect(legend).to_be_hidden()
    select.select_option("memory")
    coloured(canvas, "memory")
    expect(legend).to_contain_text("8 B")
    canvas.page.mouse.move(5, 5)
    assert ground(canvas, "c") == RAMPS["amount"][3] == ground(canvas, "a")
    rev = canvas.data("rev")
    canvas.press("o").wait_for_new("rev", rev)  # live memory follows memory
    coloured(canvas, "live")
    assert ground(canvas, "a") != ground(canvas, "c")
    canvas.page.get_by_label("Program", exact=True).first.fill("x = 2\ny = x * x")
    canvas.page.get_by_label("Program", exact=True).first.press("Control+Enter")
    expect(canvas.root).to_have_attribute("aria-label", "Computational graph of y = x * x, 2 nodes", timeout=WAIT_MS)
    coloured(canvas, "live")
    select.select_option("")
    coloured(canvas, "")


def test_a_file_colours_and_a_wrong_one_names_what_it_does_not_know(canvas: Canvas) -> None:
    page = canvas.page
    page.get_by_text("Colours from a file").click()
    field = page.locator('[data-testid="stFileUploaderDropzoneInput"]')
    field.set_input_files({"name": "wrong.json", "mimeType": "application/json", "buffer": b'{"zz": 1}'})
    expect(page.get_by_text("no node or group 'zz'")).to_be_visible(timeout=WAIT_MS)
    field.set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": b"node,value\nc,#336699\nd,teal\n"})
    coloured(canvas, "file")
    page.mouse.move(5, 5)
    assert (ground(canvas, "c"), ground(canvas, "d")) == ("#336699", "#008080")


def test_edges_are_as_wide_as_their_bytes_on_demand(canvas: Canvas) -> None:
    canvas.press("1")
    expect(canvas.root.get_by_role("button", name="Bytes")).to_have_attribute("aria-pressed", "true")
    expect(canvas.root.locator(".xp-widths")).to_contain_text("8 B")
