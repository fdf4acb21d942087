"""What is wrong with a model, said below the field that it is about."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explorer.capture.module import LOST
from explorer.errors import CaptureError, ModelError
from explorer.passes.failure import failure
from explorer.ui import errors
from explorer.ui.html import Markup, tag
from explorer.ui.session import Session

ENDS = "The graph ends at the operation that failed; nothing after it was computed, and no gradient."


def problem(session: Session, field: str) -> None:
    """What is wrong with one field; with "" what is about none of them."""
    found = session.problem
    if found is None or (found.field if isinstance(found, ModelError) else "") != field:
        return
    model = session.document.model
    if field == "name" and model is not None and not model.name.strip():  # nothing is wrong yet
        st.html(tag("div", "Until then the canvas shows what was there before.", class_="x-caption"))
        return
    st.html(errors.problem("", found))


def not_to_be_had(session: Session) -> None:
    """What could not be had of the run that is shown: its export, or its end."""
    traced = session.view.model
    if session.is_current and traced is not None and traced.problem is not None:
        failed = failure(traced.run) is not None or traced.run.outputs is None
        st.html(told(traced.problem, "The forward pass failed" if failed else "It cannot be exported", failed))


def told(found: CaptureError, title: str, failed: bool) -> Markup:
    """What failed, in which line of whose code, and what is not to be had therefore."""
    reason = found.reason or str(found)
    reason = reason.replace(found.file, Path(found.file).name) if found.file else reason
    return tag(
        "div",
        tag("b", title),
        tag("div", f"{Path(found.file).name}, line {found.line}", class_="x-quiet") if found.line else "",
        tag("div", reason),
        tag("div", ENDS if failed else LOST),
        class_="x-problem",
        role="alert",
    )
