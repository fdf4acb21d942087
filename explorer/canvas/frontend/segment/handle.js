// @ts-check
/** What tests may ask of cuts, through `explorer` on the root element. Places are on the page. */

import { nameOf } from "./figures.js";
import { activationsOf } from "./memory.js";
import { holdsOf } from "./model.js";
import { letterOf } from "./palette.js";

/**
 * @param {import("../tools.js").Kit} kit
 * @param {import("./cutting.js").Cutting} cutting
 * @param {ReturnType<typeof import("./grips.js").createGrips>} grips
 */
export function createHandle(kit, cutting, grips) {
  /** @param {import("./model.js").Model} model @param {import("./types.js").Division} division @param {number} segment */
  function side(model, division, segment) {
    const { parameters, flops, weights } = holdsOf(model, division, segment);
    return { parameters, flops, memory: weights + activationsOf(model, division, segment) };
  }

  return {
    /** Every cut: its name, what crosses, whether its line is straight, and where its grip is. */
    cuts() {
      const stand = cutting.stand();
      return (stand?.model.section.cuts ?? []).map((cut, place) => ({ ...cut, straight: stand?.lines[place].straight, ...middle(grips.box(place)) }));
    },
    /** Every segment as Python counted it. */
    segments: () => cutting.stand()?.model.section.segments ?? [],
    /** The letter of the segment of a node. @param {string} id */
    segmentOf(id) {
      const model = cutting.stand()?.model;
      return model ? letterOf(model.section.first[model.trace.nodes.id.indexOf(id)]) : "";
    },
    /** Every gap of the profile, where a line through it would be gripped. */
    gaps() {
      const model = cutting.stand()?.model;
      if (!model) return [];
      const { camera } = kit.store.get();
      const { left, top, right, bottom } = kit.stage.getBoundingClientRect();
      const waists = new Set(model.section.waists);
      return [...model.gaps].map((place, gap) => ({
        waist: waists.has(gap),
        bytes: model.section.profileBytes[gap],
        x: model.down ? right - 40 : place * camera.k + camera.x + left,
        y: model.down ? place * camera.k + camera.y + top : bottom - 40,
      }));
    },
    /** What the card says of the cut in the hand; null without one. */
    held() {
      const [stand, hold] = [cutting.stand(), cutting.hold()];
      if (!stand || !hold) return null;
      const { model } = stand;
      const names = hold.crossing.values.map((value) => nameOf(model.trace, model.section.passingNumber[value]));
      const sides = [hold.cut, hold.cut + 1].map((segment) => side(model, hold.division, segment));
      return { cut: hold.cut, bytes: hold.crossing.bytes, names, valid: hold.isValid, sides };
    },
  };
}

/** @param {DOMRect | undefined} box */
const middle = (box) => (box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : {});
