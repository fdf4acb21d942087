// @ts-check
/**
 * What a trace holds of training. Numbers that are not finite come as text. Types only.
 *
 * @typedef {number | string} Figure
 *
 * @typedef {object} Lane  What the next update does to a parameter; of a tensor the norms.
 * @property {number} node
 * @property {Figure} old
 * @property {Figure} new
 * @property {Figure} change
 * @property {Figure | null} before  What `.grad` held before zero_grad; null for nothing.
 * @property {Figure | null} gradient  What the backward pass brings.
 * @property {Figure | null} summed  What `.grad` holds then.
 * @property {Figure | null} used  The same after clipping.
 * @property {Record<string, Figure>} state  What the optimiser remembers, by the letters of its formula.
 * @property {number | null} count  The optimiser's own count of steps.
 *
 * @typedef {object} Picture
 * @property {"boundary" | "fit" | "surface"} kind
 * @property {string} title
 * @property {[string, string]} names  Of its axes.
 * @property {[number, number]} x
 * @property {[number, number]} y
 * @property {number} rows
 * @property {number} columns
 * @property {number} step  The step that it holds for.
 * @property {boolean} classes
 *
 * @typedef {object} Train  All but `ready` and `problem` only where it is ready.
 * @property {boolean} ready  Whether there is something to train.
 * @property {string} problem  Why not, or why no step follows; else "".
 * @property {number} step  The one that is shown.
 * @property {number} reached  The farthest so far.
 * @property {boolean} playing
 * @property {number | null} until  Where playing ends.
 * @property {boolean} pending  Whether a part of the picture is still worked out.
 * @property {Figure} loss
 * @property {Figure} norm
 * @property {{step: number, node: number, what: string, text: string} | null} stopped
 * @property {boolean} maximise
 * @property {boolean} forgets
 * @property {string} rule
 * @property {string} label
 * @property {Record<string, number>} settings
 * @property {number} foot  How much higher the cards of parameters are.
 * @property {number[]} feet  Those cards.
 * @property {Lane[]} lanes
 * @property {Picture | null} picture
 * @property {("boundary" | "fit" | "surface")[]} kinds  Of pictures that there are.
 * @property {Float64Array} lossSteps
 * @property {Float64Array} lossValues
 * @property {Float64Array} laterSteps
 * @property {Float64Array} laterValues
 * @property {Float64Array} ghostSteps
 * @property {Float64Array} ghostValues
 * @property {Float32Array} plane
 * @property {Float64Array} pathX
 * @property {Float64Array} pathY
 * @property {Float64Array} pointX
 * @property {Float64Array} pointY
 * @property {Float64Array} pointT
 */

export {};
