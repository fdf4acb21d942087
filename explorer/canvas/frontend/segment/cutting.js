// @ts-check
/** The cut in the hand, from the moment it is taken to Python's answer; new cuts, and cuts moved by keys. */

/**
 * @typedef {import("../tools.js").Kit} Kit
 * @typedef {import("./hold.js").Hold} Hold
 * @typedef {import("./stand.js").Stand} Stand
 *
 * @typedef {object} Cutting
 * @property {() => Stand | null} stand
 * @property {() => Hold | null} hold  In the hand, or dropped and not answered yet.
 * @property {() => boolean} isWaiting
 * @property {(stand: Stand | null) => void} adopt
 * @property {() => number} active  The cut that was touched last, or -1.
 * @property {(cut: number) => void} touch
 * @property {(cut: number, place: number) => void} take
 * @property {(place: number, free: boolean, isOff: boolean) => void} moveTo
 * @property {() => void} drop
 * @property {() => void} cancel
 * @property {(place: number) => void} addAt  Along the flow.
 * @property {(middle: number) => void} addNear  In the free waist nearest to a place.
 * @property {(cut: number, direction: -1 | 1, every: boolean) => void} step
 * @property {(act: string, more?: Record<string, unknown>) => void} send
 */

import { at, fresh, movedTo, nextGap, taken } from "./hold.js";
import { gapAt, thresholdOf } from "./model.js";

const NOTHING_LEFT = "Nothing would be left on one side of the cut, so it went back. A cut lies between two operations.";
const NOTHING_DIVIDED = "A cut there would divide nothing: all operations would be on one side.";

/** The gap nearest to a place that divides something; `otherwise` where none does. @param {import("./model.js").Model} model @param {number} place @param {number} otherwise */
function nearestGap(model, place, otherwise) {
  const order = [...model.gaps.keys()].sort((a, b) => Math.abs(model.gaps[a] - place) - Math.abs(model.gaps[b] - place));
  return order.find((gap) => fresh(model, gap).isValid) ?? otherwise;
}

/** @param {Kit} kit @param {(text: string, refused: boolean) => void} say @returns {Cutting} */
export function createCutting(kit, say) {
  /** @type {Stand | null} */
  let stand = null;
  /** @type {Hold | null} */
  let hold = null;
  let isWaiting = false;
  let active = 0;

  const scale = () => kit.store.get().camera.k;
  /** @param {string} act @param {Record<string, unknown>} [more] */
  const send = (act, more = {}) => kit.actions.send("cut", { act, ...more });

  /** @param {Hold | null} now @param {boolean} waiting */
  function put(now, waiting) {
    [hold, isWaiting] = [now, waiting];
    kit.refreshOverlay();
  }

  /** Python is told; the line waits for its answer. @param {Stand} on @param {Hold} held */
  function commit(on, held) {
    active = held.cut;
    const place = thresholdOf(on.model, held.gap);
    if (held.isNew) send("add", { at: place });
    else send("drag", { cut: held.cut, at: place });
    put(held, true);
  }

  /** @param {Stand} on @param {number} gap */
  function addIn(on, gap) {
    const { segments, most } = on.model.section;
    if (segments.length >= most) return say(`${most} segments are the most. Remove a cut first.`, true);
    const made = fresh(on.model, gap);
    if (made.isValid) commit(on, made);
    else say(NOTHING_DIVIDED, true);
  }

  return {
    send,
    stand: () => stand,
    hold: () => hold,
    isWaiting: () => isWaiting,
    adopt(now) {
      stand = now;
      put(null, false);
    },
    active: () => Math.min(active, (stand?.lines.length ?? 0) - 1),
    touch(cut) {
      active = cut;
    },
    take(cut, place) {
      if (!stand) return;
      active = cut;
      say("", false);
      put(taken(stand.model, cut, place), false);
    },
    moveTo(place, free, isOff) {
      if (stand && hold && !isWaiting) put({ ...movedTo(stand.model, hold, place, scale(), free), isOff }, false);
    },
    drop() {
      if (!stand || !hold || isWaiting) return;
      const held = hold;
      const isBack = held.was?.gap === held.gap && held.gap >= 0;
      if (held.isValid && !held.isOff && !isBack) return commit(stand, held);
      put(null, false);
      if (held.isOff) send("remove", { cut: held.cut });
      else if (!isBack) say(NOTHING_LEFT, true);
    },
    cancel: () => put(null, false),
    addAt(place) {
      if (!stand) return;
      const { model } = stand;
      const { gap, isValid } = movedTo(model, fresh(model, gapAt(model, place)), place, scale(), false);
      addIn(stand, isValid ? gap : nearestGap(model, place, gap));
    },
    addNear(middle) {
      if (!stand) return;
      const { model, lines } = stand;
      const near = [...model.section.waists].sort((a, b) => Math.abs(model.gaps[a] - middle) - Math.abs(model.gaps[b] - middle));
      addIn(stand, near.find((gap) => lines.every((line) => line.gap !== gap) && fresh(model, gap).isValid) ?? gapAt(model, middle));
    },
    step(cut, direction, every) {
      if (!stand || cut < 0) return say("There is no cut yet: X makes one.", false);
      const { model } = stand;
      const from = hold?.cut === cut ? hold : taken(model, cut, stand.lines[cut].place);
      const gap = nextGap(model, from, direction, every);
      if (gap < 0) return say(`There is no ${every ? "place" : "waist"} further on before the next cut.`, false);
      commit(stand, at(model, { ...from, waist: every ? -1 : gap }, gap, model.gaps[gap]));
    },
  };
}
