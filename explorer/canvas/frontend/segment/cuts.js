// @ts-check
/**
 * Cuts by hand. While one moves everything is worked out here, with no word to Python; when it is let go Python
 * answers with the exact segments, and the line stays where it was dropped until then.
 */

import { visible } from "../camera.js";
import { h, setText } from "../dom.js";
import { createBar } from "./bar.js";
import { createCutting } from "./cutting.js";
import { createFigures } from "./figures.js";
import { createGrips } from "./grips.js";
import { createGround } from "./ground.js";
import { createHandle } from "./handle.js";
import { createHands } from "./hands.js";
import { bindingsOf } from "./keys.js";
import { drawAdded, drawCarried, drawCrossing, drawGhost, drawHeld, drawLetters, drawLine, drawStrays, drawStroke } from "./paint.js";
import { letterOf, withdrawn } from "./palette.js";
import { createPlaces } from "./places.js";
import { groundOf, standOf, standing } from "./stand.js";
import { createStrip } from "./strip.js";
import { drawLanes } from "./lanes.js";
import { count, size, tensors } from "./units.js";
import { drawWays, drawWords } from "./ways.js";

/** @param {import("../tools.js").Kit} kit @returns {import("../tools.js").Tool} */
export function createCuts(kit) {
  let hint = { text: "", refused: false };
  const spoken = h("div", { class: "xp-unseen", "aria-live": "polite", role: "status" });
  const cutting = createCutting(kit, say);
  const places = createPlaces(kit, cutting);
  const hands = createHands(kit, cutting, places, say);
  const ground = createGround(kit);
  const figures = createFigures();
  const { send } = cutting;
  const undo = () => send("undo");
  const redo = () => send("redo");
  const bar = createBar({ add, stroke: hands.switchStroke, undo, redo });
  const strip = createStrip(kit, {
    take: cutting.take,
    move: (place, free, event) => cutting.moveTo(place, free, places.isOff(places.onStage(event))),
    drop: cutting.drop,
    add: cutting.addAt,
  });
  const grips = createGrips({
    take: (cut, event) => cutting.take(cut, places.alongOf(event)),
    move: (event) => cutting.moveTo(places.alongOf(event), event.altKey || event.shiftKey, places.isOff(places.onStage(event))),
    drop: cutting.drop,
    focus(cut) {
      cutting.touch(cut);
      const line = cutting.stand()?.lines[cut];
      if (line) places.reveal(line.place);
    },
    hover: (cut, isOver) => hands.hoverCut(isOver ? cut : -1),
    rename: (cut, text) => send("rename", { cut, text }),
  });

  /** The cut that keys are about: whose grip has the focus, else the last one; -1 without any. */
  const inMind = () => (grips.focused() >= 0 ? grips.focused() : cutting.active());

  /** Under the pointer; without one near the middle of the view. */
  function add() {
    const pointer = hands.pointer();
    if (pointer) cutting.addAt(places.along(pointer));
    else cutting.addNear(places.middle());
  }

  function next() {
    const cuts = cutting.stand()?.lines.length ?? 0;
    if (cuts) grips.focus(grips.focused() < 0 ? cutting.active() : (inMind() + 1) % cuts);
  }

  /** The node that was chosen goes one segment on or back. @param {-1 | 1} direction */
  function sendNode(direction) {
    const { selected, focused, trace } = kit.store.get();
    const node = focused >= 0 ? focused : selected;
    const section = cutting.stand()?.model.section;
    if (!section || !trace || node < 0) return say("Choose a node first: click it, or walk there with Tab.", false);
    const to = (direction > 0 ? section.last : section.first)[node] + direction;
    if (to < 0 || to >= section.segments.length) return say(`There is no segment ${direction > 0 ? "after" : "before"} this one.`, false);
    send("move", { id: trace.nodes.id[node], to });
  }

  /** @param {string} text @param {boolean} refused */
  function say(text, refused) {
    hint = { text, refused };
    if (text) setText(spoken, text);
    showBar();
  }

  const showBar = () => bar.show(cutting.stand()?.model.section ?? null, hands.isStroke(), hint);

  /** How the cut that was moved last stands, for those who hear the page. */
  function announce() {
    const section = cutting.stand()?.model.section;
    const cut = cutting.active();
    if (!section) return;
    if (section.said) return setText(spoken, section.said);
    if (cut < 0) return setText(spoken, "No cuts.");
    const sides = [cut, cut + 1].map((k) => `${letterOf(k)} ${count(section.segments[k].parameters)} parameters`);
    const { bytes, tensors: crossing } = section.cuts[cut];
    setText(spoken, `Cut ${cut + 1} of ${section.cuts.length}: ${size(bytes)} in ${tensors(crossing)}. ${sides.join(", ")}.`);
  }

  /** @param {import("../types.js").Trace | null} trace */
  function adopt(trace) {
    const isFirst = !cutting.stand();
    const stand = trace && standOf(trace);
    hint = { text: "", refused: false };
    hands.forget();
    cutting.adopt(stand);
    strip.show(stand?.model ?? null);
    showBar();
    if (!stand) {
      ground.clear();
      grips.clear();
      figures.element.hidden = true;
    } else if (!isFirst) announce();
  }

  /** @param {import("../card.js").View} view */
  function paint(view) {
    const stand = cutting.stand();
    if (!stand || view.scene.trace !== stand.model.trace) return;
    const [hold, theme] = [cutting.hold(), kit.theme()];
    const { camera } = kit.store.get();
    const now = standing(stand, hold);
    ground.paint(now.model, now.lines);
    paintLines({ ...view, theme }, now, hold);
    grips.put(now.model, now.lines, hold, camera);
    strip.put(now.lines, hold ? hold.cut : -1);
    figures.put(now.model, cutting.isWaiting() ? null : hold, theme, camera, kit.size());
  }

  /** @param {import("../card.js").View} view @param {import("./stand.js").Stand} now @param {import("./hold.js").Hold | null} hold */
  function paintLines(view, { model, lines, edges, bytes, strays }, hold) {
    const seen = visible(kit.store.get().camera, kit.size());
    const [stroke, carrying] = [hands.stroke(), hands.carrying()];
    drawWays(view, model, hold ? [] : lines);
    drawCrossing(view, model, edges, bytes);
    if (stroke) drawStroke(view, model, stroke);
    if (hold?.was?.straight) drawGhost(view, model, hold.was, hold.bytesWere, seen);
    for (const line of lines) {
      if (line.cut === hold?.cut) drawHeld(view, model, line, hold.isValid && !hold.isOff);
      else drawLine(view, model, line, { width: line.cut === hands.hovered() ? 2.25 : 1.5, color: view.theme.ink });
    }
    drawStrays(view, model, strays, (node) => groundOf(model, lines, node));
    if (!hold) drawWords(view, model, lines);
    if (!hold) drawAdded(view, model, model.section.added);
    drawLetters(view, model, lines, seen);
    if (carrying) drawCarried(view, carrying);
  }

  return {
    activity: "segment",
    rests: true,
    toned: withdrawn,
    over: [
      { element: grips.element, update() {}, destroy() {} },
      { element: figures.element, update() {}, destroy() {} },
      {
        element: h("div", {}, bar.element, spoken),
        update({ trace }, changed) {
          if (changed.has("trace")) adopt(trace);
          if (changed.has("theme") || changed.has("camera")) strip.paint();
        },
        destroy() {},
      },
    ],
    inscribe(view, rect) {
      const model = cutting.stand()?.model;
      if (model?.trace === view.scene.trace) drawLanes({ ...view, theme: kit.theme() }, model, rect);
    },
    above: paint,
    grab: hands.grab,
    drag: hands.drag,
    drop: hands.drop,
    hover: hands.hover,
    bindings: bindingsOf({
      add,
      next,
      undo,
      redo,
      step(direction, every) {
        cutting.step(inMind(), direction, every);
        const hold = cutting.hold();
        if (hold) places.reveal(hold.place);
      },
      remove: () => (inMind() < 0 ? say("There is no cut to remove.", false) : send("remove", { cut: inMind() })),
      stroke: hands.switchStroke,
      send: sendNode,
      rename: () => grips.rename(inMind()),
    }),
    handle: createHandle(kit, cutting, grips),
    destroy() {
      ground.destroy();
      strip.destroy();
    },
  };
}
