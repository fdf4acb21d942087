"""Reductions and running sums, beside those of the language."""

from __future__ import annotations

from explorer.ops.networks.written import (
    NOTHING,
    SELF,
    WHERE_TAKEN,
    Port,
    Text,
    along,
)
from explorer.ops.notation import G, N, Y, applied, digits, entry, fenced, fraction, letter, over, row, slot, words
from explorer.ops.op import Tree

_MEAN = applied("mean", SELF)
_CORRECTION = slot("correction")
_FREE = row(N, "−", _CORRECTION)
_DISTANCE = fenced(row(SELF, "−", _MEAN))
_EXTREMES = (("max", "largest"), ("min", "smallest"))
_FOUND = "The entry that was found gets the whole upstream gradient, the others none."


def _up_to(sign: str) -> Tree:
    return row(letter("j"), sign, letter("i"))


def _share(above: Tree, *below: Tree | str) -> Tree:
    return fraction(above, row(*below))


TEXTS = (
    Text(
        "cumsum", "running sum", "Σ…", {"self": Port(words("1 up to its own place"), over(_up_to("≥"), entry(G, "j")))},
        over(_up_to("≤"), entry(SELF, "j")),
        "Adds up all entries along an axis up to each place; i is the place.",
        "Every entry gets the upstream gradients of its own place and all later ones.",
    ),
    Text(
        "var", "variance", "var", {"self": Port(
            _share(row(digits(2), "·", _DISTANCE), _FREE), row(G, "·", _share(row(digits(2), "·", _DISTANCE), _FREE))
        )},
        _share(row("∑", ["msup", _DISTANCE, digits(2)]), _FREE),
        "The average squared distance from the mean.",
        "Every entry is pushed away from the mean, by twice its distance, shared among all.",
    ),
    Text(
        "std", "standard deviation", "std", {"self": Port(
            _share(_DISTANCE, fenced(_FREE), "·", Y), row(G, "·", _share(_DISTANCE, fenced(_FREE), "·", Y))
        )},
        ["msqrt", _share(row("∑", ["msup", _DISTANCE, digits(2)]), _FREE)],
        "The root of the average squared distance from the mean.",
        "Every entry is pushed away from the mean, by its distance in deviations, shared among all.",
    ),
    Text(
        "logsumexp", "log of a sum of exponentials", "lse", {"self": Port(
            ["msup", letter("e"), row(SELF, "−", Y)], row(G, "·", ["msup", letter("e"), row(SELF, "−", Y)])
        )},
        applied("ln", row("∑", ["msup", letter("e"), SELF])),
        "A smooth maximum: the logarithm of the sum of all exponentials.",
        "The upstream gradient is handed out in the shares that softmax gives.",
    ),
    *(
        Text(
            name, f"{size} along an axis", name, {"self": WHERE_TAKEN}, along(applied(name, SELF)),
            f"The {size} entry along an axis, with the place where it stands.", _FOUND,
        )
        for name, size in _EXTREMES
    ),
    *(
        Text(
            name, f"{size} entry", name, {"self": WHERE_TAKEN}, applied(name, SELF),
            f"The {size} of all entries.", _FOUND,
        )
        for name, size in _EXTREMES
    ),
    *(
        Text(
            name, f"{name} of them", name, {"self": NOTHING}, applied(name, SELF),
            f"True where {name} of the entries are.",
            "The result jumps between true and false, so no gradient is handed on.",
        )
        for name in ("all", "any")
    ),
    *(
        Text(
            f"arg{name}", f"place of the {size}", name, {"self": NOTHING}, applied(f"arg{name}", SELF),
            f"The place of the {size} entry.", "A place moves in jumps, so it hands on no gradient.",
        )
        for name, size in _EXTREMES
    ),
)  # fmt: skip
