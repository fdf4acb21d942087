"""Operations that keep the numbers and change how they are arranged, or only hand them on."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.ops.networks.written import (
    ALWAYS,
    DIM,
    IN_ITS_PLACE,
    NO_WAY_BACK,
    NOTHING,
    SELF,
    UNCHANGED,
    Port,
    Text,
    along,
    phrase,
    sized,
)
from explorer.ops.notation import (
    G,
    over,
    slot,
    transposed,
    words,
)
from explorer.ops.op import Tree

_BACK = Port(IN_ITS_PLACE.local, phrase(G, "in the shape of", SELF))
_TURNED_BACK = Port(IN_ITS_PLACE.local, phrase(G, "with its axes turned back"))
_SUMMED = Port(IN_ITS_PLACE.local, over(words("copies"), G))
_SAME_NUMBERS = "The upstream gradient is arranged back in the shape of the input."


def _arranged(
    name: str, label: str, symbol: str, formula: Tree, forward: str, when: Mapping[str, object] = ALWAYS
) -> Text:
    return Text(name, label, symbol, {"self": _BACK}, formula, forward, _SAME_NUMBERS, when)


def _turned(name: str, symbol: str, formula: Tree, forward: str, when: Mapping[str, object] = ALWAYS) -> Text:
    backward = "The upstream gradient is turned back."
    label = "transpose" if symbol == "⊤" else "permute"
    return Text(name, label, symbol, {"self": _TURNED_BACK}, formula, forward, backward, when)


def _copies(name: str, label: str, symbol: str, formula: Tree, forward: str) -> Text:
    backward = "Every entry gets the sum of the upstream gradient over its copies."
    return Text(name, label, symbol, {"self": _SUMMED}, formula, forward, backward)


def _handed_on(name: str, label: str, symbol: str, forward: str, port: str = "self") -> Text:
    backward = "The upstream gradient goes on unchanged."
    return Text(name, label, symbol, {port: UNCHANGED}, slot(port), forward, backward)


_RESHAPE = "The same numbers in the same order, in another shape."

TEXTS = (
    _arranged("view", "reshape", "view", phrase(SELF, "as", sized("size")), _RESHAPE),
    _arranged(
        "view", "view as a type", "view", phrase(SELF, "as", slot("dtype")),
        "The same memory, read as numbers of another type.",
    ),
    _arranged("reshape", "reshape", "view", phrase(SELF, "as", sized("shape")), _RESHAPE),
    _arranged("reshape_alias", "reshape", "view", phrase(SELF, "as", sized("size")), _RESHAPE),
    _arranged(
        "flatten", "flatten", "flat",
        phrase(SELF, "with axes", slot("start_dim"), "to", slot("end_dim"), "as one"),
        "Makes one axis of several, keeping the order of the numbers.",
    ),
    _arranged(
        "unflatten", "unflatten", "view", phrase(SELF, "with axis", DIM, "as", sized("sizes")),
        "Makes several axes of one, keeping the order of the numbers.",
    ),
    _arranged("unsqueeze", "new axis", "+1", phrase(SELF, "with a new axis", DIM), "Puts in an axis of length 1."),
    _arranged("squeeze", "drop an axis", "−1", phrase(SELF, "without axis", DIM), "Takes out an axis of length 1."),
    _arranged("squeeze", "drop axes", "−1", phrase(SELF, "without axes of length 1"), "Takes out axes of length 1."),
    _arranged(
        "as_strided", "view", "view", phrase(SELF, "as", sized("size")), "Another way to walk through the same memory."
    ),
    _arranged("as_strided", "view read again", "view", SELF, "A view whose memory was written to, read once more."),
    _turned("transpose", "⊤", transposed(SELF), "Turns rows into columns.", {"dim0": -2, "dim1": -1}),
    _turned("transpose", "⊤", transposed(SELF), "Turns rows into columns.", {"dim0": -1, "dim1": -2}),
    _turned(
        "transpose", "⊤",
        phrase(SELF, "with axes", slot("dim0"), "and", slot("dim1"), "swapped"),
        "Swaps two axes; the numbers stay the same.",
    ),
    _turned("permute", "perm", phrase(SELF, "with axes", sized("dims")), "Puts the axes in another order."),
    _copies(
        "expand", "expand", "×n", phrase(SELF, "repeated to", sized("size")),
        "Repeats the input along axes of length 1 until it has the wanted shape.",
    ),
    _copies(
        "repeat", "repeat", "×n", phrase(SELF, "repeated", sized("repeats")),
        "Puts copies of the input side by side.",
    ),
    _copies(
        "repeat_interleave", "repeat each", "×n", along(phrase(SELF, "each", slot("repeats"), "times")),
        "Repeats every entry along an axis, copies next to each other.",
    ),
    Text(
        "cat", "concatenate", "cat", {"tensors": IN_ITS_PLACE}, along(sized("tensors")),
        "Puts its inputs one behind the other along an axis.",
        "Each input gets the part of the upstream gradient that stands at its own place.",
    ),
    Text(
        "stack", "stack", "[ ]", {"tensors": IN_ITS_PLACE}, along(sized("tensors")),
        "Puts its inputs side by side along a new axis.",
        "Each input gets the part of the upstream gradient that stands at its own place.",
    ),
    _handed_on("clone", "copy", "copy", "A copy of the input in memory of its own."),
    _handed_on("contiguous", "copy in order", "copy", "The same numbers, laid out in order in memory."),
    _handed_on("to", "convert", "to", "The same numbers as another type or on another device."),
    _handed_on("alias", "same tensor", "=", "The same numbers in the same memory."),
    _handed_on("dropout", "dropout, off", "drop", "Dropout does nothing outside of training.", "input"),
    Text(
        "detach", "detach", "cut", {"self": NOTHING}, SELF,
        "The same numbers, cut off from what they were computed from.", NO_WAY_BACK,
    ),
    Text(
        "copy_slices", "write into a part", "copy",
        {"base": Port(words("1 where nothing was written"), phrase(G, "where nothing was written")),
         "written": Port(words("1 where it was written"), phrase(G, "where it was written"))},
        phrase(slot("base"), "with", slot("written"), "in its place"),
        "Writes a result into a part of a tensor.",
        "What was written gets the upstream gradient of its part, what was there before gets that of the rest.",
    ),
    Text(
        "copy", "copy into", "copy", {"self": NOTHING, "src": UNCHANGED}, slot("src"),
        "Writes the second input over the first.",
        "The upstream gradient goes to what was written; what was overwritten gets none.",
    ),
)  # fmt: skip
