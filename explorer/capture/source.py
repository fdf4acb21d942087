"""Which line of the user's code a tensor operation belongs to: the nearest frame outside torch, Python's own library
and this room.

A place is a code object and the offset of an instruction in it: enough to find the line later, and unlike a frame
it keeps no local variable alive.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from types import CodeType, FrameType, TracebackType

import torch

_FOREIGN = (str(Path(torch.__file__).parent), str(Path(__file__).parent), "<frozen")

_LIBRARY = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
_INSTALLED = ("site-packages", "dist-packages")
"""What others wrote may lie below Python's own library."""

Place = tuple[CodeType, int]
Line = tuple[str, int]
"""A file and a line in it, from 1."""


class _Foreign(dict[str, bool]):
    def __missing__(self, file: str) -> bool:
        pythons = file.startswith(_LIBRARY) and not any(folder in file for folder in _INSTALLED)
        self[file] = answer = pythons or file.startswith(_FOREIGN)
        return answer


is_foreign = _Foreign()
"""By file name, whether code is torch's, Python's or ours rather than the user's."""


def user_frame(depth: int) -> FrameType | None:
    """The nearest frame of the user's, ``depth`` frames up or further; None where there is none."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None and is_foreign[frame.f_code.co_filename]:
        frame = frame.f_back
    return frame


def user_place(depth: int, outside: FrameType | None) -> Place | None:
    """The place in the nearest frame of the user's; None where that is ``outside``, which only called for the trace."""
    frame = user_frame(depth + 1)
    return None if frame is None or frame is outside else (frame.f_code, frame.f_lasti)


def line_of(place: Place) -> int:
    """The source line of a place, from 1; 0 where the code has none."""
    code, offset = place
    return next((line for start, end, line in code.co_lines() if start <= offset < end and line), 0)


def failing_line(trace: TracebackType | None) -> Line:
    """File and line of the innermost frame of the user's in a traceback; ("", 0) where there is none."""
    found = ("", 0)
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not is_foreign[file]:
            found = (file, trace.tb_lineno)
        trace = trace.tb_next
    return found
