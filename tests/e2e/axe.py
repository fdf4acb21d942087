"""axe-core's rules on a page, shadow roots included: what it finds wrong, in words."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.canvas import WAIT_MS
from tests.e2e.server import ROOT

PATH = Path("node_modules", "axe-core", "axe.min.js")
MISSING = (
    f"{PATH} is missing, and the pages are checked by it. Install it with `npm ci`, or set AXE to the path of "
    "axe.min.js."
)
RUN = """([rule, formula]) => axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, help, nodes }) => nodes
    .filter(({ target }) => id !== rule || !document.querySelector(target)?.matches(formula))
    .map(({ target, html, failureSummary }) =>
      `${id}: ${help}\\n  ${JSON.stringify(target)}\\n  ${html.slice(0, 200)}\\n  ${failureSummary}`)))"""
FRESH = """() => !document.querySelector('[data-stale="true"]')"""
"""Streamlit fades what a run under way has not drawn again yet."""
ALLOWED = ("scrollable-region-focusable", ".katex-display")
"""A formula wider than its panel scrolls. Streamlit writes its markup and leaves no way to make it focusable; browsers
do so themselves (Chromium from 130 on, Firefox), which axe-core does not know and a test here shows."""


def script() -> str:
    """axe-core itself. Without npm on a machine of one's own the test is skipped; anywhere else it fails."""
    path = Path(os.environ.get("AXE", ROOT / PATH))
    if not path.exists():
        if shutil.which("npm") is None and not os.environ.get("CI"):
            pytest.skip(f"npm was not found. {MISSING}")
        pytest.fail(MISSING, pytrace=False)
    return path.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """All that is wrong with the page as it stands, but for what is ``ALLOWED``."""
    page.wait_for_function(FRESH, timeout=WAIT_MS)
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(script())
    found: list[str] = page.evaluate(RUN, ALLOWED)
    return found
