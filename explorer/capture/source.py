"""Which line of the user's code a tensor operation belongs to: the nearest frame outside torch and this room.

A place is a code object and the offset of an instruction in it: enough to find the line later, and unlike a frame
it keeps no local variable alive.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import CodeType, FrameType, TracebackType

import torch

_FOREIGN = (str(Path(torch.__file__).parent), str(Path(__file__).parent), "<frozen")

Place = tuple[CodeType, int]
Line = tuple[str, int]
"""A file and a line in it, from 1."""


class _Foreign(dict[str, bool]):
    def __missing__(self, file: str) -> bool:
        self[file] = answer = file.startswith(_FOREIGN)
        return answer


is_foreign = _Foreign()
"""By file name, whether code is torch's or ours rather than the user's."""


def user_place(depth: int) -> Place | None:
    """The place in the nearest frame of the user's, ``depth`` frames up or further; None where there is none."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        code = frame.f_code
        if not is_foreign[code.co_filename]:
            return code, frame.f_lasti
        frame = frame.f_back
    return None


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
