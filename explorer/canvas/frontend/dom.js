// @ts-check
/** Elements by name. Text only ever becomes text nodes: what users write is never markup. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | EventListener | null | undefined>} Props */

/**
 * An HTML element. Properties that are functions become listeners, named by their event ("click"); `true` sets an
 * empty attribute, `false` and null set none; all others are set as they are.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Props} [props] @param {Child[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  assign(element, props ?? {});
  element.append(...present(children));
  return element;
}

/** An SVG element. @param {string} tag @param {Props} props @param {Child[]} children */
export function svg(tag, props, ...children) {
  const element = document.createElementNS(SVG, tag);
  assign(element, props);
  element.append(...present(children));
  return element;
}

/** Sets an attribute where it differs, so that an unchanged page costs nothing. @param {Element} element @param {string} name @param {string} value */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Sets the text where it differs. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Element} element @param {Props} props */
function assign(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
}

/** @param {Child[]} children @returns {(Node | string)[]} */
function present(children) {
  return children.filter((child) => child !== null && child !== undefined && child !== false);
}
