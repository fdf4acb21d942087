// @ts-check
/** What an activity adds to the canvas: its chrome, its paint, what its hands hold, its keys. */

/**
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Part} Part
 * @typedef {import("./card.js").View} View
 * @typedef {import("./scene.js").Rect} Rect
 * @typedef {import("./gestures.js").Hands} Hands
 * @typedef {import("./gestures.js").Keys} Keys
 *
 * @typedef {object} Kit  What a tool works with.
 * @property {import("./store.js").Store} store
 * @property {import("./types.js").Actions} actions
 * @property {HTMLElement} root
 * @property {HTMLElement} stage
 * @property {() => import("./scene.js").Scene | null} scene
 * @property {() => import("./theme.js").Theme} theme
 * @property {() => {width: number, height: number}} size
 * @property {() => void} refresh  Paints the base again, and the overlay.
 * @property {() => void} refreshOverlay
 *
 * @typedef {State & {rests?: boolean}} Drawn
 *
 * @typedef {object} Tool  All but `activity` may be left out; "" is at work in every activity.
 * @property {string} activity
 * @property {Part[]} [over]  Chrome over the stage.
 * @property {Part[]} [under]  Chrome in the dock below it.
 * @property {(view: View, rect: Rect) => void} [beneath]  Paints on the base, under frames and edges.
 * @property {(view: View, rect: Rect) => void} [inscribe]  Paints on the base, over the cards.
 * @property {(view: View, state: State) => void} [above]  Paints on the overlay, over everything.
 * @property {(x: number, y: number, keys: Keys) => boolean} [grab]  Whether it holds what lies there from now on.
 * @property {(x: number, y: number, keys: Keys) => void} [drag]  What it holds moves there.
 * @property {(moved: boolean) => void} [drop]
 * @property {(x: number, y: number) => string | null} [hover]  The cursor over what is its own, else null.
 * @property {(x: number, y: number, keys: Keys) => boolean} [click]  Whether it was meant.
 * @property {import("./bindings.js").Group[]} [bindings]
 * @property {boolean} [rests]  The graph is shown at rest, all of it computed: no steps, no gradients.
 * @property {(theme: import("./theme.js").Theme) => import("./theme.js").Theme} [toned]  The colours that nodes and edges wear.
 * @property {Record<string, unknown>} [handle]  What tests may ask of it; see handle.js.
 * @property {() => void} [destroy]
 */

/** Those at work. @param {Tool[]} tools @param {State} state */
export function atWork(tools, { trace }) {
  return tools.filter((tool) => !tool.activity || tool.activity === trace?.activity);
}

/** The colours that nodes and edges wear. @param {Tool[]} tools @param {import("./theme.js").Theme} theme */
export const toned = (tools, theme) => tools.reduce((worn, tool) => tool.toned?.(worn) ?? worn, theme);

/** The state as it is drawn: where a tool lets the graph rest, all of it is computed and no step is shown. @param {Tool[]} tools @param {State} state @returns {Drawn} */
export function asDrawn(tools, state) {
  if (!state.trace || !tools.some((tool) => tool.rests)) return state;
  return { ...state, rests: true, position: state.trace.moments.forward, layers: { ...state.layers, values: true, gradients: false, locals: false } };
}

/** Tools are asked first, the hands of the canvas after. @param {Hands} hands @param {() => Tool[]} tools @returns {Hands} */
export function withTools(hands, tools) {
  /** @type {Tool | undefined} */
  let holding;

  return {
    ...hands,
    grab(x, y, keys) {
      holding = tools().find((tool) => tool.grab?.(x, y, keys));
      return holding ? true : hands.grab(x, y, keys);
    },
    drag(dx, keys, x, y) {
      if (holding) holding.drag?.(x, y, keys);
      else hands.drag(dx, keys, x, y);
    },
    drop(moved) {
      const held = holding;
      holding = undefined;
      if (held) held.drop?.(moved);
      else hands.drop(moved);
    },
    hover(x, y) {
      for (const tool of tools()) {
        const cursor = tool.hover?.(x, y);
        if (cursor === null || cursor === undefined) continue;
        hands.leave();
        return hands.cursor(cursor);
      }
      hands.hover(x, y);
    },
    click(x, y, keys) {
      if (!tools().some((tool) => tool.click?.(x, y, keys))) hands.click(x, y, keys);
    },
  };
}
