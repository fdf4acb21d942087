"""Cuts that are placed by themselves, and what the panel and the dock say of them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.canvas import WAIT_MS, Canvas


def test_cuts_are_placed_proved_and_read_back(canvas: Canvas) -> None:
    page = canvas.page
    panel, sidebar = page.locator(".st-key-inspector"), page.locator('[data-testid="stSidebar"]')
    page.get_by_role("radio", name="Model", exact=True).click()
    canvas.settle()
    page.get_by_role("radio", name="Segment").click()
    expect(panel).to_contain_text("1 segment", timeout=WAIT_MS)
    canvas.settle()
    sidebar.get_by_role("button", name="Place cuts").click()
    expect(panel.locator(".x-part")).to_have_count(3, timeout=WAIT_MS)
    expect(panel).to_contain_text("As planned: Optimal")
    expect(panel.locator(".x-badge.x-good")).to_have_count(3, timeout=WAIT_MS)
    expect(panel).to_contain_text("8 tokens through the segments, the same from the whole model")
    numbers = [int(text.replace(",", "")) for text in panel.locator(".x-triple div:first-child > b").all_inner_texts()]
    embedding = 27 * 48  # tied to the last layer, so both ends hold a copy
    assert sum(numbers) == 58_704 + embedding
    dock = page.get_by_role("tabpanel")
    expect(dock).to_contain_text(re.compile(r"idle\s+[\d.]+ %"), timeout=WAIT_MS)
    expect(dock).to_contain_text("device 3")
    page.get_by_role("tab", name="Request").click()
    expect(dock).to_contain_text("computing", timeout=WAIT_MS)
    canvas.settle()
    sidebar.get_by_role("spinbutton", name="Parts").fill("17")
    sidebar.get_by_role("spinbutton", name="Parts").press("Enter")
    canvas.settle()
    sidebar.get_by_role("button", name="Place cuts").click()
    expect(panel.locator(".x-part")).to_have_count(17, timeout=WAIT_MS)
