// @ts-check
/**
 * What travels with every trace: the way to main.js. Streamlit loads a file anew for each change of data, as a script
 * element whose `load` waits behind all that the page has to do; a module that is there already answers at once.
 */

/** @type {Promise<typeof import("./main.js")> | undefined} */
let main;

/** @param {Parameters<typeof import("./main.js").default>[0]} component */
export default async function mount(component) {
  // The style sheet lies beside main.js, and Streamlit has linked it under the address that it serves both at.
  const { href } = /** @type {HTMLLinkElement} */ (component.parentElement.querySelector("link"));
  main ??= import(new URL("main.js", href).href);
  return (await main).default(component);
}
