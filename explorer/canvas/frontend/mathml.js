// @ts-check
/**
 * Formulae: nested lists of MathML in, elements out. `fill` and `name` do what explorer/ops/typeset.py does.
 *
 * A tag may carry the role whose colour it takes, after a dot: `["mrow.gradient", ["mn", "3"]]`.
 */

/** @typedef {import("./types.js").Tree} Tree */

import { number as figure } from "./format.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const TAGS = new Set(
  "mrow mi mn mo mtext mfrac msup msub msubsup msqrt mover munder munderover mspace mtable mtr mtd".split(" "),
);
const OPENING = new Set("([{|‖,");
const JOINING = new Set("+−·×=≠<>≤≥⊙");
const LONGEST_SUBSCRIPT = 3;
const GREEK = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", zeta: "ζ", eta: "η", theta: "θ", iota: "ι",
  kappa: "κ", lambda: "λ", mu: "μ", nu: "ν", xi: "ξ", pi: "π", rho: "ρ", sigma: "σ", tau: "τ", upsilon: "υ",
  phi: "φ", chi: "χ", psi: "ψ", omega: "ω", Gamma: "Γ", Delta: "Δ", Theta: "Θ", Lambda: "Λ", Xi: "Ξ", Pi: "Π",
  Sigma: "Σ", Phi: "Φ", Psi: "Ψ", Omega: "Ω",
};

/**
 * The tree with its slots filled; parentheses where a negative number or compound term would be misread. A slot
 * without a value keeps its name; the slot `xs` stands for all of `x0`, `x1` ... that are given.
 * @param {Tree} tree @param {Record<string, Tree | number>} values @returns {Tree}
 */
export function fill(tree, values) {
  if (typeof tree === "string") return tree;
  if (tree[0] === "slot") return filling(tree[1], values);
  const filled = tree.map((child, place) => {
    const inside = place === 0 ? child : fill(child, values);
    return child[0] === "slot" && isMisread(inside, tree, place) ? fence(inside) : inside;
  });
  return filled[0] === "msup" ? power(filled) : filled;
}

/**
 * A variable as it is typeset: `a`, `w1` with a subscript, `alpha` as its letter, `learning_rate` as it is.
 * Subscripts are numbers, letters by name, and what has at most three letters.
 * @param {string} text @returns {Tree}
 */
export function name(text) {
  const parts = /^([^\d_]+)(?:_([^_]+)|(\d[^_]*))$/.exec(text);
  const below = parts && subscript(parts[2] ?? parts[3]);
  return below ? ["msub", letter(parts[1]), below] : letter(text);
}

/** A number as it is typeset, with a true minus sign. @param {number} x @param {number} [digits] @returns {Tree} */
export function number(x, digits) {
  const text = figure(x, digits);
  return text.startsWith("−") ? ["mrow", ["mo", "−"], ["mn", text.slice(1)]] : ["mn", text];
}

/** The derivative of y by x, `d` being "∂" or "d". @param {Tree} y @param {Tree} x @param {string} [d] @returns {Tree} */
export function derivative(y, x, d = "∂") {
  const sign = [d === "d" ? "mi" : "mo", d];
  return ["mfrac", ["mrow", sign, y], ["mrow", sign, x]];
}

/** Terms side by side. @param {Tree[]} terms @returns {Tree} */
export function row(...terms) {
  return ["mrow", ...terms];
}

/** The tree in the colour of a role. @param {Tree} tree @param {string} role @returns {Tree} */
export function tinted(tree, role) {
  return [`mrow.${role}`, tree];
}

/** A number that stands behind an operator: negative ones get parentheses. @param {number} x @param {number} [digits] @returns {Tree} */
export function operand(x, digits) {
  const tree = number(x, digits);
  return isCompound(tree) ? fence(tree) : tree;
}

/** The tree as a `math` element. @param {Tree} tree @returns {Element} */
export function math(tree) {
  const element = document.createElementNS(MATHML, "math");
  element.setAttribute("displaystyle", "true");
  element.append(build(tree));
  return element;
}

/** The tree as it would be read aloud. @param {Tree} tree @returns {string} */
export function plain(tree) {
  if (typeof tree === "string") return tree;
  const [tag, ...children] = tree;
  const parts = children.map(plain);
  if (isNegative(tree)) return `−${parts[1]}`;
  switch (tag.split(".")[0]) {
    case "mfrac":
      return `${parts[0]} / ${parts[1]}`;
    case "msup":
      return `${parts[0]}^${parts[1]}`;
    case "msub":
      return parts[0] + lowered(parts[1]);
    case "msubsup":
      return `${parts[0]}${lowered(parts[1])}^${parts[2]}`;
    case "msqrt":
      return `√(${parts.join("")})`;
    case "mo":
      return /^[+−·×=<>←]$/.test(parts[0]) ? ` ${parts[0]} ` : parts[0];
    default:
      return parts.join("");
  }
}

/** A subscript in a line of text. @param {string} text */
function lowered(text) {
  return /^\d+$/.test(text) ? text.replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]) : `_${text}`;
}

/** @param {Tree} tree @returns {Node} */
function build(tree) {
  if (typeof tree === "string") return document.createTextNode(tree);
  const [full, ...children] = tree;
  const [tag, role] = full.split(".");
  if (!TAGS.has(tag)) throw new Error(`A formula has the unknown tag ${JSON.stringify(tag)}.`);
  if (tag === "mo" && children[0] === "⊤") return transposeSign();
  const element = document.createElementNS(MATHML, tag);
  if (role) element.setAttribute("class", role);
  else if (tag === "mi" && [...children[0]].length === 1) element.setAttribute("class", "letter");
  element.append(...children.map(build));
  return element;
}

/** An upright T: few faces have the sign itself at the height of an exponent. */
function transposeSign() {
  const element = document.createElementNS(MATHML, "mi");
  element.setAttribute("mathvariant", "normal");
  element.append("T");
  return element;
}

/** @param {string} text @returns {Tree} */
function letter(text) {
  return ["mi", Object.hasOwn(GREEK, text) ? GREEK[/** @type {keyof typeof GREEK} */ (text)] : text];
}

/** @param {string} text @returns {Tree | null} */
function subscript(text) {
  if (/^\d+$/.test(text)) return ["mn", text];
  const below = letter(text);
  return [...below[1]].length <= LONGEST_SUBSCRIPT ? below : null;
}

/** A power as one writes it: `x` for `x^{2−1}`, and an exponent right above a subscript. @param {any[]} tree @returns {Tree} */
function power([tag, base, exponent]) {
  const worked = difference(exponent);
  const above = worked === null ? exponent : number(worked);
  if (worked === 1) return base;
  return base[0] === "msub" ? ["msubsup", base[1], base[2], above] : [tag, base, above];
}

/** What `2 − 1` comes to, or null for anything but a number less another. @param {Tree} tree */
function difference(tree) {
  if (tree[0] !== "mrow" || tree.length !== 4 || tree[2][0] !== "mo" || tree[2][1] !== "−") return null;
  const [left, right] = [figureIn(tree[1]), figureIn(tree[3])];
  return Number.isNaN(left) || Number.isNaN(right) ? null : left - right;
}

/** A number that is written out, or NaN. @param {Tree} tree @returns {number} */
function figureIn(tree) {
  if (isNegative(tree)) return -figureIn(tree[2]);
  return tree[0] === "mn" && /^\d+(\.\d+)?$/.test(tree[1]) ? Number(tree[1]) : NaN;
}

/** @param {string} slot @param {Record<string, Tree | number>} values @returns {Tree} */
function filling(slot, values) {
  if (slot === "xs") return listed(ports(values).map((key) => term(values[key])));
  return slot in values ? term(values[slot]) : name(slot);
}

/** @param {Record<string, unknown>} values */
function ports(values) {
  return Object.keys(values).filter((key) => /^x\d+$/.test(key)).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}

/** @param {Tree | number} value @returns {Tree} */
function term(value) {
  return typeof value === "number" ? number(value) : value;
}

/** @param {Tree[]} terms @returns {Tree} */
function listed(terms) {
  return ["mrow", ...terms.flatMap((each, place) => (place ? [["mo", ","], each] : [each]))];
}

/** Whether a term would be misread at its place in a row, or as the base of a power. @param {Tree} filled @param {any[]} parent @param {number} place */
function isMisread(filled, parent, place) {
  const tag = parent[0].split(".")[0];
  if (["msup", "msub", "msubsup"].includes(tag)) return place === 1 && isNoBase(filled);
  if (tag !== "mrow" || parent.length === 2 || !isCompound(filled)) return false;
  const before = parent[place - 1];
  if (before[0] === "mo" && OPENING.has(before[1])) return false;
  if (before[0] === "mtext" && before[1].trim()) return false;
  return place > 1 || !isNegative(filled);
}

/** @param {Tree} tree */
function isNoBase(tree) {
  return isCompound(tree) || ["mfrac", "msup"].includes(tree[0]) || (tree[0] === "mn" && tree[1].includes("e"));
}

/** @param {Tree} tree @returns {Tree} */
function fence(tree) {
  return ["mrow", ["mo", "("], tree, ["mo", ")"]];
}

/** A row with an operator outside of all brackets. @param {Tree} tree */
function isCompound(tree) {
  if (!tree[0].startsWith("mrow")) return false;
  if (tree.length === 2) return isCompound(tree[1]);
  let depth = 0;
  for (const child of tree.slice(1)) {
    const sign = child[0] === "mo" ? child[1] : "";
    if (sign === "(" || sign === "[") depth++;
    if (sign === ")" || sign === "]") depth--;
    if (depth === 0 && JOINING.has(sign)) return true;
  }
  return false;
}

/** @param {Tree} tree */
function isNegative(tree) {
  return tree[0] === "mrow" && tree.length === 3 && tree[1][0] === "mo" && tree[1][1] === "−";
}
