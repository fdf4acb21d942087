// @ts-check
/** The tools that find one's way: at work in every activity. */

import { createCrumbs } from "./crumbs.js";
import { createFolds } from "./folds.js";
import { createFind } from "./findbar.js";
import { createMinimap } from "./minimap.js";
import { createPaths } from "./paths.js";
import { createWalk } from "./walk.js";

export const FINDING = [createFolds, createFind, createPaths, createCrumbs, createMinimap, createWalk];
