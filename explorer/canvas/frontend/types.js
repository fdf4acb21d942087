// @ts-check
/**
 * The shapes that the modules of the canvas share. Types only: importing this file runs nothing.
 *
 * @typedef {"light" | "dark"} ThemeName
 *
 * @typedef {any[] | string} Tree  Nested lists of MathML: `["mi", "x"]`, `["mfrac", a, b]`, `["slot", "x0"]`.
 *
 * @typedef {object} Op  One entry of the op table, as far as this trace uses it.
 * @property {string} name
 * @property {string} label
 * @property {string} symbol
 * @property {string[]} ports
 * @property {boolean} elementwise  Entry by entry, after its inputs are broadcast to one shape.
 * @property {Tree} formula
 * @property {Tree[]} locals
 * @property {Tree[]} vjp
 * @property {string} forwardSentence
 * @property {string} backwardSentence
 *
 * @typedef {object} Nodes  Columns over the nodes, in execution order.
 * @property {number} count
 * @property {string[]} id
 * @property {string[]} name
 * @property {string[]} shape  "" for a scalar, else "[2, 3]".
 * @property {Record<number, string>} text  Small tensors written out.
 * @property {Uint16Array} op
 * @property {Uint8Array} kind  See `KIND` of wire.js.
 * @property {Int32Array} group  The innermost open group around it, or -1.
 * @property {Uint32Array} line  Source line from 1, or 0.
 * @property {Uint16Array} flags  See `NODE` of wire.js.
 * @property {Float64Array} value  Norm for tensors.
 * @property {Float64Array} grad  Norm for tensors; in forward mode the tangent. Only where `NODE.grad` is set.
 * @property {Float32Array} x
 * @property {Float32Array} y
 * @property {Float32Array} w
 * @property {Float32Array} h
 * @property {Int32Array} thumb  Index into `thumbs`, or -1.
 * @property {Int32Array} gradThumb
 *
 * @typedef {object} Edges  Columns over the argument slots, ordered by target and port.
 * @property {number} count
 * @property {Uint32Array} source
 * @property {Uint32Array} target
 * @property {Uint16Array} port
 * @property {Uint32Array} value  The value that it carries: its source's, or, from `nodes.count` on, one of `hidden`.
 * @property {Uint8Array} flags  See `EDGE` of wire.js.
 * @property {Float64Array} local
 * @property {Float64Array} contribution
 * @property {Uint32Array} starts  Route of edge e: points[starts[e]] to points[starts[e + 1]].
 * @property {Float32Array} points  x, y pairs: a start, then triples (control, control, end).
 * @property {Float32Array} chips  x, y pairs: the middle of each edge's label.
 *
 * @typedef {object} Moments  What one press of the right arrow shows.
 * @property {number} count
 * @property {number} zero  How many of them are of zero_grad: 1 in a step of training, else 0.
 * @property {number} forward  Where the forward pass ends.
 * @property {number} second  Where the backward pass, or that of tangents, ends; updates follow.
 * @property {Uint8Array} phase  See `PHASE` of wire.js.
 * @property {Uint32Array} node  The node whose operation is at work.
 * @property {Int32Array} edge  The edge that is passed, or -1: the node itself or the seed.
 * @property {Float64Array} before  What had arrived at the receiving node before; NaN when nothing had.
 * @property {Float64Array} after
 *
 * @typedef {object} Thumbs  Pictures of tensors, 64 cells reserved for each.
 * @property {Uint8Array} rows
 * @property {Uint8Array} cols
 * @property {Float32Array} cells  In [-1, 1]; NaN where an entry is not finite.
 *
 * @typedef {object} Frame  The border of an open group.
 * @property {number} x
 * @property {number} y
 * @property {number} w
 * @property {number} h
 * @property {[number, number]} title  The upper left corner of its title.
 * @property {[number, number][]} ports  Where values cross it.
 *
 * @typedef {object} Group  One that is seen: closed where it is a `node`, else open.
 * @property {string} key
 * @property {string} title
 * @property {string} kind  The class of the module, or "".
 * @property {number} depth  From 1.
 * @property {number} parent  The group around it, or -1.
 * @property {number} node  Its node while it is closed, or -1.
 * @property {number} operations
 * @property {number} parameters
 * @property {number} flops  Of all its operations, in the forward pass.
 * @property {Fold | null} fold  Where it stands for equal groups in a row.
 * @property {Frame[]} frames  Several where values leave it and come back.
 *
 * @typedef {object} Fold  Those from `start` to `stop` of the `count` that the fold of the key `whole` has.
 * @property {string} whole
 * @property {number} start
 * @property {number} stop
 * @property {number} count
 * @property {number} one  The one that is looked into while the others stay folded, or -1.
 *
 * @typedef {object} Hidden  The values that closed groups hand on beside their results.
 * @property {number} count
 * @property {number[]} node  The groups.
 * @property {string[]} name  Their variables, or "".
 * @property {string[]} id
 * @property {string[]} shape
 * @property {Float64Array} value  Norm for tensors.
 * @property {Float64Array} grad  The tangent in forward mode; norm for tensors.
 *
 * @typedef {object} Catalogue  Every node of the graph, also those in closed groups. Read it through catalogue.js.
 * @property {[string, string][]} ops  Name and label.
 * @property {string[]} shapes
 * @property {{key: string, title: string, kind: string, parent: number}[]} groups  All, outer ones before inner ones.
 * @property {Uint8Array} ids  A JSON list.
 * @property {Uint32Array} op
 * @property {Uint32Array} shape
 * @property {Int32Array} group  The innermost group around a node, or -1.
 * @property {Uint32Array} inputs  How many each node has.
 * @property {Uint32Array} sources  Of all inputs, one node after the other.
 * @property {Uint32Array} shown  The drawn node that shows it: itself, or the closed group around it.
 *
 * @typedef {object} Lit  A way through the graph that is picked out.
 * @property {Uint32Array} nodes
 * @property {Uint32Array} edges
 *
 * @typedef {object} Optimise  What the activity Optimise says of the nodes.
 * @property {number} levels  How many there are.
 * @property {boolean} showLevels
 * @property {Record<number, string>} tags  What a pass makes of a node, in a word or two.
 * @property {Uint32Array} level  Per node, from 0.
 * @property {Uint8Array} mark  Per node: 1 merged, 2 folded, 3 gone, 4 kept for the backward; else 0.
 *
 * @typedef {object} SheetEntry  One class of an overlay.
 * @property {string} label
 * @property {string} mark  What its nodes bear beside the colour: a letter, or "" where they bear a number.
 * @property {[ground: string, ink: string]} light
 * @property {[ground: string, ink: string]} dark
 *
 * @typedef {object} Sheet  What nodes can be coloured by.
 * @property {string} key
 * @property {string} title
 * @property {string} note
 * @property {"" | "value" | "gradient"} after  What must be there before a card shows its colour.
 * @property {SheetEntry[]} entries
 * @property {string[]} texts  By node; "" where nothing is known.
 *
 * @typedef {object} Overlays
 * @property {string} chosen  The key of the sheet that is shown, or "".
 * @property {{key: string, title: string}[]} choices
 * @property {Sheet[]} sheets  Those that travel along.
 * @property {Uint8Array} classes  Sheet by sheet, per node the place of its entry; 255 for none.
 * @property {Float64Array} bytes  By edge, of the value that it carries.
 *
 * @typedef {object} Twin  What the nodes of the autograd graph belong to in the forward graph; "" where there is none.
 * @property {string[]} ids
 * @property {string[]} marks  What stands on their tiles.
 * @property {("" | "input" | "parameter")[]} roles  Of leaves.
 * @property {string[]} notes  The line under the name.
 *
 * @typedef {object} Trace
 * @property {number} version
 * @property {number} rev
 * @property {string} activity  What the user is at: "step", "train", "optimise" or "segment".
 * @property {string} title
 * @property {number} program  The same for one graph, whichever of its groups are open.
 * @property {"reverse" | "forward"} mode
 * @property {"lr" | "tb"} orientation
 * @property {number} output
 * @property {string} objective  The letter for the number that is differentiated, "" where that is the output itself.
 * @property {number} wrt  The input that forward mode differentiates by, or -1.
 * @property {number} firstNonfinite
 * @property {number} failed  The operation that raised and so ended the forward pass, or -1.
 * @property {string} failure  What it said.
 * @property {boolean} labelled  Whether there is room for labels on all edges.
 * @property {number} width
 * @property {number} height
 * @property {Nodes} nodes
 * @property {Edges} edges
 * @property {Moments} moments
 * @property {Thumbs} thumbs
 * @property {Op[]} ops
 * @property {Group[]} groups  Those that are seen, outer ones before inner ones.
 * @property {Hidden} hidden
 * @property {Catalogue | null} catalogue  None where the drawn nodes are all there are.
 * @property {Overlays} overlays
 * @property {Twin} [twin]  Of the autograd graph, which has gradients and no values.
 * @property {{full: number, deepest: number, most: number}} depth  All groups are open down to `full`, some down to
 *   `deepest`; `most` is how deep they are nested.
 * @property {Lit} [lit]
 * @property {Optimise} [optimise]
 *
 * @property {import("./train/types.js").Train} [train]  In training.
 *
 * @typedef {{x: number, y: number, k: number}} Camera  screen = world * k + (x, y), in CSS pixels.
 *
 * @typedef {object} State
 * @property {Trace | null} trace
 * @property {number} position  0 idle; m: the first m moments have happened.
 * @property {boolean} playing
 * @property {number} speed  Steps a second.
 * @property {number} selected  Node index or -1.
 * @property {number} hovered  Node index or -1.
 * @property {number} hoveredEdge  Edge number or -1.
 * @property {number} pressed  The node that was pressed last, while the pointer stays on it; or -1.
 * @property {number} focused  Node index that the keyboard is on, or -1.
 * @property {string} chosen  The id of what is selected, also while a closed group hides it; "" for nothing.
 * @property {string[]} chosenIn  The groups around it, from the outermost in, as of when it was last seen.
 * @property {number} selectedGroup  The open group that is selected, or -1.
 * @property {number} focusedGroup  The open group that the keyboard is on, or -1.
 * @property {{values: boolean, gradients: boolean, locals: boolean, bytes: boolean}} layers  `bytes`: edges are as wide as what they carry.
 * @property {string} coloring  The key of the overlay that cards are coloured by, or "".
 * @property {"" | "ancestors" | "descendants" | "paths"} lineage  Which relatives of what is selected stay lit.
 * @property {string} other  The id of the other end of `paths`.
 * @property {import("./find.js").Finding | null} finding  What is looked for, while it is.
 * @property {boolean} walking  Whether steps open the groups that they come to.
 * @property {Camera} camera
 * @property {ThemeName} theme
 * @property {boolean} help
 *
 * @typedef {object} Actions  What the chrome asks of the app.
 * @property {() => void} fit
 * @property {(factor: number) => void} zoom  About the middle of the canvas.
 * @property {(k: number) => void} zoomTo  The same, to a scale: 1 is 100 %.
 * @property {(dx: number, dy: number) => void} pan  By CSS pixels.
 * @property {(x: number, y: number) => void} lookAt  A point of the world in the middle of the canvas, at once.
 * @property {(node: number) => void} centre  The node in the middle, near enough to read.
 * @property {(node: number, margin?: number) => void} focusNode  Brings the node into view, away from the edges by a
 *   share of the canvas, and puts the keyboard on it.
 * @property {(group: number) => void} focusGroup  The same for an open group.
 * @property {(node: number) => void} select  -1 selects nothing.
 * @property {(group: number) => void} selectGroup  An open one.
 * @property {(key: string, place?: number) => void} toggle  Opens or closes a group; of a fold, with a place, looks into
 *   the one there, with -1 into all.
 * @property {(direction: -1 | 1) => void} deepen  One level of groups less, from the deepest that is open, or one
 *   more, from where all are.
 * @property {(position: number) => void} setPosition
 * @property {(node: number, direction: number) => void} nudge  Steps an input's value up (1) or down (-1).
 * @property {(node: number) => void} type  Opens the field to type an input's value into.
 * @property {(name: string, payload: Record<string, unknown>) => void} send
 * @property {import("./player.js").Pilot} [pilot]
 *
 * @typedef {object} Part  One module of the chrome.
 * @property {HTMLElement} element
 * @property {(state: State, changed: ReadonlySet<keyof State>) => void} update
 * @property {() => void} destroy
 */

export {};
