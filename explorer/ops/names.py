"""Names and numbers as formulas."""

from __future__ import annotations

import math
import re

from explorer.ops.op import Tree

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_SUBSCRIPTED = re.compile(r"([^\d_]+)(?:_([^_]+)|(\d[^_]*))")
_LONGEST_SUBSCRIPT = 3


def number(x: float, digits: int = 6) -> str:
    """A figure of at most ``digits`` significant digits: ``−0.5``, ``1.2e−7``, ``NaN``, ``∞``.

    A whole number that is not longer in full is written in full: ``14641``, not ``1.464e4``.
    """
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    mantissa, _, exponent = f"{x:.{digits}g}".partition("e")
    text = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    if exponent and x % 1 == 0 and len(whole := f"{x:.0f}") <= len(text):
        text = whole
    return "0" if x == 0 else text.replace("-", "−")


def name(text: str) -> Tree:
    """A variable: ``a``, ``w1`` and ``w_1`` with a subscript, ``alpha`` as its letter, ``learning_rate`` as it is.

    Subscripts are numbers, letters by name, and what has at most three letters.
    """
    parts = _SUBSCRIPTED.fullmatch(text)
    below = _subscript(parts[2] or parts[3]) if parts else None
    return ["msub", _letter(parts[1]), below] if parts and below else _letter(text)


def _letter(text: str) -> Tree:
    return ["mi", GREEK.get(text, text)]


def _subscript(text: str) -> Tree | None:
    below = ["mn", text] if text.isdecimal() else _letter(text)
    return below if below[0] == "mn" or len(below[1]) <= _LONGEST_SUBSCRIPT else None


def value(x: float) -> Tree:
    """A number as a formula; true and false as words."""
    if isinstance(x, bool):
        return ["mtext", "true" if x else "false"]
    text = number(x)
    return ["mrow", ["mo", "−"], ["mn", text[1:]]] if text.startswith("−") else ["mn", text]
