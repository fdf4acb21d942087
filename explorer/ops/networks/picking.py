"""Operations that take entries out of a tensor, by place or by index."""

from __future__ import annotations

from explorer.ops.networks.written import (
    IN_ITS_PLACE,
    NOTHING,
    SELF,
    WEIGHT,
    WHERE_TAKEN,
    Port,
    Text,
    along,
    at,
    phrase,
)
from explorer.ops.notation import ELSEWHERE, TAKEN, G, cases, digits, entry, letter, over, row, slot, words
from explorer.ops.op import Tree

_INDEX, _INDICES = slot("index"), slot("indices")
_BACK = "The upstream gradient goes back to the places taken; every other place gets 0."
_ADDED_UP = "Every entry gets the sum of the upstream gradient over all places that it was taken to; the others get 0."
_ONE = cases((digits(1), TAKEN), (digits(0), ELSEWHERE))


def _added_where(index: Tree) -> Port:
    """What was taken several times gets the sum."""
    return Port(_ONE, over(row(entry(index, "k"), "=", letter("i")), entry(G, "k")))


def _picked(name: str, label: str, symbol: str, formula: Tree, forward: str) -> Text:
    return Text(name, label, symbol, {"self": WHERE_TAKEN}, formula, forward, _BACK)


def _parted(name: str, formula: Tree, forward: str) -> Text:
    backward = "The gradients of all parts go back to their places; a part that nobody uses brings 0."
    return Text(name, "split", "part", {"self": IN_ITS_PLACE}, along(formula), forward, backward)


def _result(*ports: str) -> Text:
    return Text(
        "getitem", "one result", "[i]", dict.fromkeys(ports, WHERE_TAKEN), at(slot(ports[0]), _INDEX),
        "Takes one of several results of an operation.",
        "The upstream gradient goes back to the result that was taken.",
    )  # fmt: skip


TEXTS = (
    Text(
        "embedding", "embedding", "emb", {"weight": _added_where(_INDICES), "indices": NOTHING}, at(WEIGHT, _INDICES),
        "Looks up one row of the table for every index, such as the vector of a token.",
        "Every row of the table gets the sum of the upstream gradient over all places that used it; the others get 0.",
    ),
    _picked(
        "select", "entry along an axis", "[i]", along(at(SELF, _INDEX)),
        "Takes one entry along an axis, which is gone afterwards.",
    ),
    _picked(
        "slice", "slice", "[:]", along(at(SELF, row(slot("start"), ":", slot("end")))),
        "Takes a stretch of entries along an axis; the end is not in it.",
    ),
    _picked(
        "narrow", "slice", "[:]", along(at(SELF, row(slot("start"), "…"))),
        "Takes a stretch of entries along an axis.",
    ),
    _picked("diagonal", "diagonal", "⋱", at(SELF, words("ii")), "Takes the entries on a diagonal."),
    Text(
        "index", "entries by index", "[i]", {"self": _added_where(_INDICES), "indices": NOTHING}, at(SELF, _INDICES),
        "Takes the entries whose places are given.", _ADDED_UP,
    ),
    Text(
        "index_select", "entries by index", "[i]", {"self": _added_where(_INDEX), "index": NOTHING},
        along(at(SELF, _INDEX)),
        "Takes whole rows along an axis by their numbers.", _ADDED_UP,
    ),
    Text(
        "gather", "gather", "[i]", {"self": _added_where(_INDEX), "index": NOTHING}, along(at(SELF, _INDEX)),
        "Takes one entry along an axis for every index given.", _ADDED_UP,
    ),
    _picked(
        "topk", "largest entries", "top", along(phrase("largest", slot("k"), "of", SELF)),
        "Takes the k largest entries along an axis, with their places.",
    ),
    _picked(
        "max_pool2d_with_indices", "largest of a window", "max", phrase("largest in windows of", SELF),
        "Takes the largest entry of every window of an image.",
    ),
    Text(
        "sort", "sort", "sort", {"self": IN_ITS_PLACE}, along(phrase(SELF, "in order")),
        "Puts the entries along an axis in order, with the places where they stood.",
        "Every entry gets the upstream gradient of the place that it went to.",
    ),
    Text(
        "index_put", "write by index", "[i]", {
            "self": Port(words("1 where nothing was written"), phrase(G, "where nothing was written")),
            "indices": NOTHING,
            "values": Port(words("1 where it was written"), at(G, _INDICES)),
        },
        phrase(SELF, "with", slot("values"), "at", _INDICES),
        "Writes values to the places that are given.",
        "The values get the upstream gradient of their places, what was there before gets that of the rest.",
        {"accumulate": False},
    ),
    _parted("split", phrase(SELF, "in parts of", slot("split_size")), "Cuts the input into parts of equal size."),
    _parted(
        "split_with_sizes", phrase(SELF, "in parts of", slot("split_sizes")),
        "Cuts the input into parts of given sizes.",
    ),
    _parted("chunk", phrase(SELF, "in", slot("chunks"), "parts"), "Cuts the input into so many equal parts."),
    _parted("unbind", phrase(SELF, "entry by entry"), "Cuts the input into its entries along an axis."),
    _result("results"),
    _result("results", "operation"),
)  # fmt: skip
