// @ts-check
/** Ctrl or ⌘ with Z undoes what was done last, on the canvas or beside it. Python knows what that was. */

/** What keeps its own undo while it has the focus: all that is typed in, and Streamlit's tables. */
const TYPING = "input, textarea, select, [contenteditable], [data-testid='stDataFrame']";

/** @param {import("./tools.js").Kit} kit @returns {import("./tools.js").Tool} */
export function createUndo({ actions }) {
  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const act = actOf(event);
    const from = event.composedPath()[0];
    if (!act || event.defaultPrevented || (from instanceof Element && from.closest(TYPING))) return;
    event.preventDefault();
    actions.send(act, {});
  }

  document.addEventListener("keydown", pressed);
  return {
    activity: "",
    bindings: [
      {
        title: "Graph",
        bindings: [
          { caps: ["Ctrl", "Z"], says: "undo", keys: {} },
          { caps: ["Ctrl", "⇧", "Z"], says: "redo", keys: {} },
        ],
      },
    ],
    destroy: () => document.removeEventListener("keydown", pressed),
  };
}

/** @param {KeyboardEvent} event @returns {"undo" | "redo" | null} */
function actOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (!(ctrlKey || metaKey) || altKey) return null;
  if (key.toLowerCase() === "z") return shiftKey ? "redo" : "undo";
  return key.toLowerCase() === "y" && !shiftKey ? "redo" : null;
}
