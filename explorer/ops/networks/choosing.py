"""Operations that ask or choose: comparisons with a number, logic, bounds, masks, triangles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.ops import choices
from explorer.ops.networks.written import ALWAYS, NOTHING, OTHER, SELF, Port, Text
from explorer.ops.notation import ELSEWHERE, G, applied, cases, digits, letter, row, slot, words
from explorer.ops.op import Tree

_LOW, _HIGH, _MASK, _CONDITION = slot("min"), slot("max"), slot("mask"), slot("condition")
_OTHERWISE = words("otherwise")
_JUMPS = "The result jumps between true and false, so no gradient is handed on."


def _if(*condition: Tree | str) -> Tree:
    return row(words("if\u00a0"), *condition)


def _unless(condition: Tree) -> Tree:
    return row(words("if not\u00a0"), condition)


def _passes(where: Tree, otherwise: Tree = _OTHERWISE) -> Port:
    """An input that counts where a condition holds."""
    local, vjp = (cases((value, where), (digits(0), otherwise)) for value in (digits(1), G))
    return Port(local, vjp)


def _comparisons() -> Iterator[Text]:
    for op in choices.OPERATIONS:
        if not any(op.differentiable):
            yield Text(
                f"{op.name}.Scalar", op.label, op.symbol, {"self": NOTHING}, row(SELF, op.symbol, OTHER),
                f"True where the input is {op.label} a number, else false.", op.backward_sentence, elementwise=True,
            )  # fmt: skip


def _logic(kind: str) -> Iterator[Text]:
    yield Text(
        f"{kind}_not", "not", "not", {"self": NOTHING}, row(words("not\u00a0"), SELF),
        "Turns true into false and false into true.", _JUMPS, elementwise=True,
    )  # fmt: skip
    for word, rule in (("and", "both inputs are"), ("or", "at least one input is"), ("xor", "exactly one input is")):
        formula = row(SELF, words(f"\u00a0{word}\u00a0"), OTHER)
        ports = {"self": NOTHING, "other": NOTHING}
        yield Text(f"{kind}_{word}", word, word, ports, formula, f"True where {rule} true.", _JUMPS, elementwise=True)


def _bounded(name: str, formula: Tree, inside: Tree, when: Mapping[str, object] = ALWAYS) -> Text:
    return Text(
        name, "clip", "clip", {"self": _passes(inside)}, formula,
        "What lies beyond a bound becomes the bound.",
        "The upstream gradient passes between the bounds and stops beyond them.", when, elementwise=True,
    )  # fmt: skip


def _bounds() -> Iterator[Text]:
    """``clamp`` by numbers, one or two of them."""
    above, below = applied("max", row(SELF, ",", _LOW)), applied("min", row(SELF, ",", _HIGH))
    is_above, is_below = _if(SELF, "≥", _LOW), _if(SELF, "≤", _HIGH)
    yield _bounded("clip", above, is_above, {"max": None})
    yield _bounded("clip", below, is_below, {"min": None})
    yield _bounded("clip", applied("min", row(above, ",", _HIGH)), _if(_LOW, "≤", SELF, "≤", _HIGH))
    least, most = slot("min_val"), slot("max_val")
    hard = applied("min", row(applied("max", row(SELF, ",", least)), ",", most))
    yield _bounded("hardtanh", hard, _if(least, "<", SELF, "<", most))
    yield _bounded("clamp_min", above, is_above)
    yield _bounded("clamp_max", below, is_below)


def _triangle(name: str, label: str, sign: str, where: str) -> Text:
    inside = row(words("where\u00a0"), letter("j"), "−", letter("i"), sign, slot("diagonal"))
    return Text(
        name, label, "◺" if sign == "≤" else "◹", {"self": _passes(inside, ELSEWHERE)},
        cases((SELF, inside), (digits(0), ELSEWHERE)),
        f"Keeps the entries on and {where} a diagonal and makes all others 0; i counts rows, j columns.",
        f"The upstream gradient passes on and {where} the diagonal.",
    )  # fmt: skip


TEXTS = (
    *_comparisons(),
    *_logic("bitwise"),
    *_logic("logical"),
    *_bounds(),
    _triangle("tril", "lower triangle", "≤", "below"),
    _triangle("triu", "upper triangle", "≥", "above"),
    Text(
        "masked_fill", "fill where masked", "mask", {"self": _passes(_unless(_MASK)), "mask": NOTHING},
        cases((slot("value"), _if(_MASK)), (SELF, _OTHERWISE)),
        "Puts a number wherever the mask is true; minus infinity makes softmax give those places no share.",
        "The upstream gradient passes where the mask is false; what was replaced gets none.", elementwise=True,
    ),
    Text(
        "where", "where", "if", {"condition": NOTHING, "other": _passes(_unless(_CONDITION))},
        cases((SELF, _if(_CONDITION)), (OTHER, _OTHERWISE)),
        "A number where the condition holds, and the input where it does not.",
        "The upstream gradient passes where the input was taken.", elementwise=True,
    ),
    Text(
        "where", "where", "if", {"condition": NOTHING, "self": _passes(_if(_CONDITION))},
        cases((SELF, _if(_CONDITION)), (OTHER, _OTHERWISE)),
        "The input where the condition holds, and a number where it does not.",
        "The upstream gradient passes where the input was taken.", elementwise=True,
    ),
)  # fmt: skip
