"""Who can reach the app: its own user alone, or others as well. What others may not do is not offered to them."""

from __future__ import annotations

import streamlit as st

from explorer.models.bounds import is_hosted
from explorer.ui.model_source import ORIGINS, Origin

LOOPBACK = ("127.0.0.1", "localhost", "::1")
FOR_ALL: tuple[Origin, ...] = ("shipped", "preset", "config")
"""Of these only numbers come from a user, never code, files or addresses."""


def is_local() -> bool:
    """Whether the app answers this machine alone."""
    return not is_hosted() and st.get_option("server.address") in LOOPBACK


def origins() -> tuple[Origin, ...]:
    """Where a model may come from here."""
    return ORIGINS if is_local() else FOR_ALL
