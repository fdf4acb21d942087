// @ts-check
/**
 * What the activity Segment adds to a trace; explorer/ui/segment/section.py writes it. Types only.
 *
 * @typedef {object} Cut
 * @property {string} name
 * @property {number} bytes  That cross, exactly.
 * @property {number} tensors
 *
 * @typedef {object} Segment
 * @property {string} letter
 * @property {string} [label]  Such as its device.
 * @property {number} parameters
 * @property {number} flops
 * @property {number} memory  Bytes of weights and the most activations at once.
 *
 * @typedef {object} Way  How something other than a computed value comes over cuts.
 * @property {number} number  Of the value, among those of the edges.
 * @property {"sent" | "given" | "replicated" | "recomputed"} way
 * @property {string} why
 * @property {number} first  Segment that has it.
 * @property {number} last
 *
 * @typedef {object} Section
 * @property {number} most  Segments.
 * @property {Cut[]} cuts
 * @property {Segment[]} segments
 * @property {string} said
 * @property {boolean} refused
 * @property {number[]} added  Edges that a stroke did not hold.
 * @property {number} undo  How many changes can be taken back.
 * @property {number} redo
 * @property {Int32Array} item  Per node.
 * @property {Uint8Array} first
 * @property {Uint8Array} last
 * @property {Float64Array} bytes  Of the node's value.
 * @property {Way[]} ways
 * @property {Float64Array} at  Per item.
 * @property {Float64Array} flops
 * @property {Int32Array} passingNumber  Per value that passes between items.
 * @property {Int32Array} passingOwner
 * @property {Float64Array} passingBytes
 * @property {Uint8Array} passingSent
 * @property {Uint8Array} passingIsInput
 * @property {Uint32Array} passingStarts
 * @property {Int32Array} passingReaders
 * @property {Uint32Array} passingLivesStarts
 * @property {Int32Array} passingLives
 * @property {Float64Array} heldNumbers  Per thing that sides hold for themselves.
 * @property {Float64Array} heldBytes
 * @property {Float64Array} heldFlops
 * @property {Uint32Array} heldStarts
 * @property {Int32Array} heldReaders
 * @property {Float64Array} profileAt
 * @property {Float64Array} profileBytes
 * @property {Uint32Array} waists
 * @property {Int32Array} momentItem  Per operation.
 * @property {Uint32Array} momentCopiesStarts
 * @property {Int32Array} momentCopies
 * @property {Uint32Array} momentTouchesStarts
 * @property {Int32Array} momentTouches
 * @property {Float64Array} pieceBytes
 * @property {Int32Array} results  Pairs of item and piece.
 *
 * @typedef {object} Division  Where every item is; two segments where a cut goes through a closed group.
 * @property {Uint8Array} first
 * @property {Uint8Array} last
 * @property {number} parts
 *
 * @typedef {{bytes: number, values: number[]}} Crossing  `values`: places among those that pass.
 */

export {};
