"""Pieces that formulas are put together from."""

from __future__ import annotations

from explorer.ops.op import Tree


def row(*children: Tree | str) -> Tree:
    """Terms side by side; a string is an operator."""
    return ["mrow", *(["mo", child] if isinstance(child, str) else child for child in children)]


def slot(name: str) -> Tree:
    """A place for a name or a number."""
    return ["slot", name]


def letter(name: str) -> Tree:
    """A letter that stands in the formula itself, such as n."""
    return ["mi", name]


def digits(number: int) -> Tree:
    """A whole number that is not negative."""
    return ["mn", str(number)]


def fenced(inner: Tree, left: str = "(", right: str = ")") -> Tree:
    """A term in parentheses or bars."""
    return row(left, inner, right)


def applied(function: str, inner: Tree) -> Tree:
    """A function of a term: sin(x)."""
    return row(letter(function), "\u2061", fenced(inner))


def cases(*pieces: tuple[Tree, Tree]) -> Tree:
    """A value per line, with where it holds."""
    return row("{", ["mtable", *(["mtr", ["mtd", value], ["mtd", where]] for value, where in pieces)])


def words(text: str) -> Tree:
    """Plain words in a formula. MathML drops spaces at their ends, so these are no-break spaces."""
    return ["mtext", text]


def fraction(above: Tree, below: Tree) -> Tree:
    return ["mfrac", above, below]


def beside(left: Tree, right: Tree) -> Tree:
    """A matrix product: the factors with a thin space between them."""
    return row(left, words("\u2009"), right)


def entry(whole: Tree, place: str) -> Tree:
    """One entry, by the letters of its place."""
    return ["msub", whole, row(*map(letter, place))]


def transposed(matrix: Tree) -> Tree:
    return ["msup", matrix, ["mo", "⊤"]]


def slots(tree: Tree | str) -> set[str]:
    """The names of all slots in a formula."""
    if isinstance(tree, str):
        return set()
    return {tree[1]} if tree[0] == "slot" else set[str]().union(*map(slots, tree[1:]))


def over(what: Tree, term: Tree) -> Tree:
    """The sum of a term over what is said below the sign."""
    return row(["munder", ["mo", "∑"], what], term)


X, X1, Y, G = slot("x0"), slot("x1"), slot("y"), slot("g")
N = letter("n")
ELSEWHERE = words("elsewhere")
OWN_PLACE = words("at its own place")
TAKEN = words("at the place taken")
