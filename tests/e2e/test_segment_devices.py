"""Devices and links: edited in their tables, brought as files, measured; what is exported for them runs."""

from __future__ import annotations

import json
import runpy
import zipfile
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import WAIT_MS, Canvas

LINKS = 9
"""Rows of the table of links as shipped."""


@pytest.fixture
def dock(canvas: Canvas) -> Locator:
    """The tables of devices and links, below the trained GPT cut in three."""
    page = canvas.page
    page.get_by_role("radio", name="Model", exact=True).click()
    canvas.settle()
    page.get_by_role("radio", name="Segment").click()
    canvas.wait(activity="segment").settle()
    page.locator('[data-testid="stSidebar"]').get_by_role("button", name="Place cuts").click()
    expect(page.locator(".st-key-inspector .x-part")).to_have_count(3, timeout=WAIT_MS)
    page.get_by_role("tab", name="Devices").click()
    dock = page.get_by_role("tabpanel").filter(visible=True)
    expect(dock.get_by_role("button", name="Measure this machine")).to_be_visible(timeout=WAIT_MS)
    canvas.settle()
    return dock


def test_profiles_are_edited_and_brought_and_what_cannot_be_is_said(
    canvas: Canvas, dock: Locator, tmp_path: Path
) -> None:
    page, panel, alert = canvas.page, canvas.page.locator(".st-key-inspector"), dock.page.get_by_role("alert")
    set_cell(dock.get_by_test_id("stDataFrame").last, LINKS - 1, "0")
    expect(alert).to_contain_text("'NVLink 4': its bandwidth is 0.0. Give a number above 0.")
    set_cell(dock.get_by_test_id("stDataFrame").last, LINKS - 1, "1000")
    expect(alert).to_have_count(0)
    canvas.settle()
    profile = {"name": "My box", "flops": {"float32": 1e12}, "bandwidth": 1e10, "memory": 0}
    bring(canvas, dock, "Bring profiles", written(tmp_path, "box.json", json.dumps({"device": [profile]})))
    expect(alert).to_contain_text("'My box': its memory is 0. Give a number above 0.")
    shut(page)
    choose(canvas, panel, "Link from A to B", "NVLink 4")
    link = panel.locator(".x-link").first
    crossing = float(link.locator("b").inner_text().removesuffix(" KiB")) * 1024
    expect(link).to_contain_text(f"{crossing / 1000e6 * 1e6:.3g} µs")
    rows = "node,device,milliseconds\nnowhere,Raspberry Pi 5,1\n"
    bring(canvas, dock, "Bring measured times", written(tmp_path, "times.csv", rows))
    expect(alert).to_contain_text("Row 1: the graph has no node 'nowhere'.")
    shut(page)
    expect(panel.locator(".x-part")).to_have_count(3)


def test_this_machine_is_measured_and_the_parts_run(canvas: Canvas, dock: Locator, tmp_path: Path) -> None:
    page, panel = canvas.page, canvas.page.locator(".st-key-inspector")
    dock.get_by_role("button", name="Measure this machine").click()
    expect(dock).to_contain_text("Measured: this machine.", timeout=2 * WAIT_MS)
    canvas.settle()
    choose(canvas, panel, "Device of B", "this machine")
    with page.expect_download() as coming:
        dock.get_by_role("button", name="Times as CSV").click()
    assert coming.value.path().read_text().startswith("node,device,milliseconds")
    with page.expect_download() as coming:
        panel.get_by_role("button", name="Export 3 parts").click()
    with zipfile.ZipFile(coming.value.path()) as archive:
        archive.extractall(tmp_path)
    script = runpy.run_path(str(tmp_path / "run.py"))
    sample = torch.load(tmp_path / "sample.pt")
    with torch.no_grad():
        (made,) = script["run"](*script["load"](), sample["inputs"])
    assert torch.equal(made, sample["outputs"][0])


def set_cell(table: Locator, row: int, text: str) -> None:
    """Type into the second column of a table of links, whose rows lie between a header and one for a new row."""
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    height = box["height"] / (LINKS + 2)
    table.page.mouse.dblclick(box["x"] + 0.35 * box["width"], box["y"] + (row + 1.5) * height)
    cell = table.page.locator(".gdg-input, .gdg-growing-entry textarea, [class*='gdg'] input").last
    expect(cell).to_be_visible()
    cell.fill(text)
    cell.press("Enter")


def bring(canvas: Canvas, dock: Locator, button: str, file: Path) -> None:
    dock.get_by_role("button", name=button).click()
    canvas.page.locator('[data-testid="stPopoverBody"] input[type="file"]').set_input_files(file)
    canvas.settle()


def shut(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)


def choose(canvas: Canvas, panel: Locator, name: str, text: str) -> None:
    """Type into a field to choose from, and take the first that is offered."""
    field = panel.get_by_role("combobox", name=name)
    field.click()
    field.fill(text)
    expect(canvas.page.get_by_role("option").filter(visible=True).first).to_contain_text(text)
    field.press("Enter")
    expect(field).to_have_value(text)
    canvas.settle()


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path
