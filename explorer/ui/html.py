"""HTML for ``st.html``, built so that text is always escaped: only what ``tag`` made is markup."""

from __future__ import annotations

from html import escape

from explorer.ops.op import Tree

_INLINE = {"mi": "i", "msub": "sub", "msup": "sup", "munder": "sub"}
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()<>#+-.!|~$:&"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str) -> Markup:
    """One element. ``class_`` is written for ``class``; children that are not Markup are escaped.

    Attributes that are empty are left out, but for ``alt``: an empty one says that a picture is decoration.
    """
    kept = ((key.rstrip("_"), value) for key, value in attributes.items() if value or key == "alt")
    written = "".join(f' {key}="{escape(value)}"' for key, value in kept)
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def heads(*words: str) -> Markup:
    """The first row of a table. A column without a word has no head."""
    return tag("tr", *(tag("th", word, scope="col") if word else tag("td") for word in words))


def join(*parts: str) -> Markup:
    """Parts one after the other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts))


def inline(tree: Tree | str) -> Markup:
    """A formula on one line: names in italics, sub- and superscripts, fractions with a slash.

    Streamlit's sanitizer takes MathML out of HTML, so formulas inside tables are written with plain tags.
    """
    if isinstance(tree, str):
        return join(tree)
    name, *children = tree
    parts = [inline(child) for child in children]
    if name == "mfrac":
        return join(_grouped(tree[1], parts[0]), "/", _grouped(tree[2], parts[1]))
    if name == "msqrt":
        return join("√(", *parts, ")")
    if name == "msubsup":
        return join(parts[0], tag("sub", parts[1]), tag("sup", parts[2]))
    if name in ("msub", "msup", "munder"):
        return join(parts[0], tag(_INLINE[name], parts[1]))
    if name == "mtext":
        return tag("span", *parts, class_="x-words")
    if name == "mo":
        return join(" ", *parts, " ") if tree[1] in "+−-×·=" else join("T" if tree[1] == "⊤" else parts[0])
    return tag("i", *parts) if name == "mi" and len(str(tree[1])) == 1 else join(*parts)


def plain(text: str) -> str:
    """``text`` as Markdown that shows exactly these characters."""
    return text.translate(_MARKDOWN)


def _grouped(tree: Tree | str, part: Markup) -> Markup:
    """Brackets around what a slash would tear apart."""
    compound = not isinstance(tree, str) and tree[0] == "mrow" and len(tree) > 2
    return join("(", part, ")") if compound else part
