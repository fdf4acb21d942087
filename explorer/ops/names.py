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
_SUBSCRIPTED = re.compile(r"([^\d_]+)(?:_(.+)|(\d.*))", re.DOTALL)


def number(x: float, digits: int = 6) -> str:
    """A figure of at most ``digits`` significant digits: ``15972``, ``−0.5``, ``1.2e−7``, ``NaN``, ``∞``."""
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    mantissa, _, exponent = f"{x:.{digits}g}".partition("e")
    text = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return "0" if x == 0 else text.replace("-", "−")


def name(text: str) -> Tree:
    """A variable: ``a``, ``w1`` and ``w_1`` with a subscript, ``alpha`` as its letter, ``loss`` as a word."""
    parts = _SUBSCRIPTED.fullmatch(text)
    return ["msub", _letter(parts[1]), _subscript(parts[2] or parts[3])] if parts else _letter(text)


def _letter(text: str) -> Tree:
    return ["mi", GREEK.get(text, text)]


def _subscript(text: str) -> Tree:
    return ["mn", text] if text.isdecimal() else _letter(text.replace("_", ","))


def value(x: float) -> Tree:
    """A number as a formula; true and false as words."""
    if isinstance(x, bool):
        return ["mtext", "true" if x else "false"]
    text = number(x)
    return ["mrow", ["mo", "−"], ["mn", text[1:]]] if text.startswith("−") else ["mn", text]
