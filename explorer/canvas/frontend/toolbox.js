// @ts-check
/** Every tool of the canvas, in the order in which they are asked: one line an activity. */

import { FINDING } from "./finding.js";
import { createColorBy } from "./colorby.js";
import { createLit } from "./lit.js";
import { createOptimise } from "./optimise.js";
import { createCuts } from "./segment/cuts.js";
import { createTraining } from "./train/tool.js";
import { createTwin } from "./twin.js";
import { createUndo } from "./undo.js";

/** @type {((kit: import("./tools.js").Kit) => import("./tools.js").Tool)[]} */
export const TOOLS = [createCuts, createColorBy, ...FINDING, createLit, createOptimise, createTraining, createTwin, createUndo];
