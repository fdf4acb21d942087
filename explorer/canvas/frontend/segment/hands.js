// @ts-check
/** What pointers do on the canvas: take a line, draw a stroke across edges, carry a card to another segment. */

/**
 * @typedef {import("../route.js").Point} Point
 * @typedef {import("./carrying.js").Carrying} Carrying
 * @typedef {import("./stroke.js").Stroke} Stroke
 */

import { followersOf, isPlaced } from "./carrying.js";
import { groundAt } from "./stand.js";
import { begun, drawnOn } from "./stroke.js";

const INVITED = "Draw across the edges to cut. Weights and inputs need no cutting.";

/**
 * @param {import("../tools.js").Kit} kit
 * @param {import("./cutting.js").Cutting} cutting
 * @param {import("./places.js").Places} places
 * @param {(text: string, refused: boolean) => void} say
 */
export function createHands(kit, cutting, places, say) {
  /** @type {Stroke | null} */
  let stroke = null;
  /** @type {Carrying | null} */
  let carrying = null;
  /** The next press on the canvas begins a stroke. */
  let isStroke = false;
  let hovered = -1;
  /** Where the pointer is, over the canvas. @type {Point | null} */
  let pointer = null;
  /** @type {Point} */
  let start = { x: 0, y: 0 };

  /** @param {number} cut */
  function hover(cut) {
    if (cut !== hovered) kit.refreshOverlay();
    hovered = cut;
  }

  /** @param {Point} to  In the world. */
  function carry(to) {
    const stand = cutting.stand();
    if (!stand || !carrying) return;
    const { model, lines } = stand;
    const segment = groundAt(model.down, lines, to.x, to.y);
    const followers = segment === carrying.to ? carrying.followers : followersOf(model, carrying.node, segment);
    carrying = { ...carrying, dx: to.x - start.x, dy: to.y - start.y, to: segment, followers };
  }

  /** @param {Carrying} carried */
  function deliver({ node, to }) {
    const section = cutting.stand()?.model.section;
    const trace = kit.scene()?.trace;
    if (section && trace && (section.first[node] !== to || section.last[node] !== to)) cutting.send("move", { id: trace.nodes.id[node], to });
  }

  /** @param {boolean} on */
  function setStroke(on) {
    isStroke = on;
    say(on ? INVITED : "", false);
  }

  return {
    stroke: () => stroke,
    carrying: () => carrying,
    hovered: () => hovered,
    pointer: () => pointer,
    isStroke: () => isStroke,
    switchStroke: () => setStroke(!isStroke),
    hoverCut: hover,
    forget() {
      [stroke, carrying] = [null, null];
    },
    /** @param {number} x @param {number} y @param {import("../gestures.js").Keys} keys */
    grab(x, y, keys) {
      const stand = cutting.stand();
      if (!stand) return false;
      kit.root.focus({ preventScroll: true });
      start = places.world({ x, y });
      const [cut, node] = [places.lineAt(start), places.largeCardAt(start)];
      const isTouch = /** @type {PointerEvent} */ (keys).pointerType === "touch";
      if (keys.altKey || isStroke) stroke = begun(start);
      else if (cut >= 0) cutting.take(cut, places.along(start));
      else if (node >= 0 && !isTouch && stand.lines.length && isPlaced(stand.model, node)) {
        carrying = { node, dx: 0, dy: 0, to: stand.model.section.first[node], followers: [] };
      } else return false;
      return true;
    },
    /** @param {number} x @param {number} y @param {import("../gestures.js").Keys} keys */
    drag(x, y, keys) {
      const scene = kit.scene();
      const to = places.world({ x, y });
      if (stroke && scene) stroke = drawnOn(scene, stroke, to, kit.store.get().camera.k);
      else if (carrying) carry(to);
      else cutting.moveTo(places.along(to), keys.altKey || keys.shiftKey, places.isOff({ x, y }));
      kit.refreshOverlay();
    },
    /** @param {boolean} moved */
    drop(moved) {
      const [drawn, carried] = [stroke, carrying];
      [stroke, carrying] = [null, null];
      if (!moved) cutting.cancel();
      else if (drawn) {
        setStroke(false);
        cutting.send("stroke", { edges: [...drawn.edges] });
      } else if (carried) deliver(carried);
      else cutting.drop();
      kit.refreshOverlay();
    },
    /** @param {number} x @param {number} y */
    hover(x, y) {
      pointer = places.world({ x, y });
      hover(places.lineAt(pointer));
      if (isStroke) return "crosshair";
      return hovered < 0 ? null : places.isDown() ? "ns-resize" : "ew-resize";
    },
    leave() {
      pointer = null;
    },
  };
}
