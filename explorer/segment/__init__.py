"""A graph divided among devices: cuts, what crosses them, what they cost, where they are best, and the proof.

The package is a function as well, ``explorer.segment(run, parts=3)``: what ``explorer.segment.api.segment`` says.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.segment.api import Segments


class _Package(ModuleType):
    """A module that can be called; what the call needs is imported then."""

    def __call__(self, *args: Any, **kwargs: Any) -> Segments:
        from explorer.segment.api import segment

        return segment(*args, **kwargs)


sys.modules[__name__].__class__ = _Package
