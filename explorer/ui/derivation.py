"""The whole derivation by the chain rule, typeset, and the same as LaTeX to copy."""

from __future__ import annotations

import streamlit as st

from explorer.errors import RunError
from explorer.export import Derivation, derive
from explorer.ui.html import plain, tag
from explorer.ui.session import Session

MOST_LINES = 60
"""More lines than this are not read on a screen."""


def draw(session: Session) -> None:
    """For the inspected node, or for all inputs where no gradient reaches it."""
    run = session.view.run
    everything = st.toggle("For all inputs at once", key="derive everything")
    try:
        derivation = derive(run, None if everything else [session.inspected], most_lines=MOST_LINES)
    except RunError as problem:
        st.html(tag("div", str(problem), class_="x-caption"))
        return
    _show(derivation)


def _show(derivation: Derivation) -> None:
    subject = ", ".join(derivation.wrt)
    st.markdown(plain(f"How {derivation.output} depends on {subject}, from the output back."))
    if derivation.cut:
        st.html(tag("div", derivation.cut, class_="x-caption"))
    with st.container(key="derivation"):
        st.latex(derivation.latex)
    with st.expander("LaTeX, to copy"):
        st.code(derivation.latex, language="latex")
