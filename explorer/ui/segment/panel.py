"""The panel at the right: the segments, what each holds, and what crosses between them."""

from __future__ import annotations

import streamlit as st

from explorer.segment.cut import letter
from explorer.segment.wording import size
from explorer.ui.html import tag
from explorer.ui.segment import share
from explorer.ui.session import Session


def draw(session: Session) -> None:
    """A card a segment with a line for each link between them."""
    cutting = share.of(session)
    shown = cutting.preview
    count = len(shown.contents)
    st.html(tag("div", tag("b", f"{count} segment{'s' * (count > 1)}"), class_="x-section"))
    if cutting.uncaptured:
        st.warning(cutting.uncaptured)
    if cutting.said.text:
        (st.error if cutting.said.refused else st.info)(cutting.said.text)
    for segment, content in enumerate(shown.contents):
        words = f"{content.parameters:,} parameters · {content.flops:,.0f} FLOP"
        st.html(tag("div", tag("b", letter(segment)), f" {words}", class_="x-caption"))
        if segment < len(shown.links):
            st.html(tag("div", f"↓ {size(shown.links[segment])}", class_="x-caption"))
