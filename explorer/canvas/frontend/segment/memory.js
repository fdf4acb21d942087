// @ts-check
/** The most activations at once on one side, as explorer/segment/memory.py counts them in inference. */

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./types.js").Division} Division
 */

/** Bytes. @param {Model} model @param {Division} division @param {number} segment */
export function activationsOf({ section }, { first }, segment) {
  const { momentItem, momentTouches, momentTouchesStarts, pieceBytes } = section;
  const begins = new Int32Array(pieceBytes.length).fill(-1);
  const ends = new Int32Array(pieceBytes.length).fill(-1);
  const sizes = arriving(section, first, segment, begins, ends);
  let moment = 0;
  for (let op = 0; op < momentItem.length; op++) {
    if (!runsIn(section, first, segment, op)) continue;
    for (let t = momentTouchesStarts[op]; t < momentTouchesStarts[op + 1]; t++) {
      const piece = momentTouches[t];
      if (begins[piece] < 0) begins[piece] = moment;
      ends[piece] = moment;
    }
    moment++;
  }
  leaving(section, first, segment, begins, ends, moment - 1);
  return peak(begins, ends, sizes, moment);
}

/** @param {Model["section"]} section @param {Uint8Array} first @param {number} segment @param {number} op */
function runsIn({ momentItem, momentCopies, momentCopiesStarts }, first, segment, op) {
  if (momentItem[op] >= 0) return first[momentItem[op]] === segment;
  for (let c = momentCopiesStarts[op]; c < momentCopiesStarts[op + 1]; c++) if (first[momentCopies[c]] === segment) return true;
  return false;
}

/** Where the readers of a value are. @param {Model["section"]} section @param {Uint8Array} first @param {number} value @param {number} segment */
function readIn({ passingStarts, passingReaders }, first, value, segment) {
  for (let r = passingStarts[value]; r < passingStarts[value + 1]; r++) if (first[passingReaders[r]] === segment) return true;
  return false;
}

/** What is there from the start: values from elsewhere. Their pieces are as large as they are. @param {Model["section"]} section @param {Uint8Array} first @param {number} segment @param {Int32Array} begins @param {Int32Array} ends @returns {Float64Array} */
function arriving(section, first, segment, begins, ends) {
  const { passingOwner, passingBytes, passingLives, passingLivesStarts, passingIsInput, pieceBytes } = section;
  const sizes = pieceBytes.slice();
  for (let value = 0; value < passingOwner.length; value++) {
    const isOwn = first[passingOwner[value]] === segment;
    const isThere = passingIsInput[value] ? isOwn || readIn(section, first, value, segment) : !isOwn && readIn(section, first, value, segment);
    if (!isThere) continue;
    for (let p = passingLivesStarts[value]; p < passingLivesStarts[value + 1]; p++) {
      const piece = passingLives[p];
      sizes[piece] = (begins[piece] < 0 ? 0 : sizes[piece]) + passingBytes[value];
      begins[piece] = ends[piece] = 0;
    }
  }
  return sizes;
}

/** What must stay to the end: what is sent, and results. @param {Model["section"]} section @param {Uint8Array} first @param {number} segment @param {Int32Array} begins @param {Int32Array} ends @param {number} end */
function leaving(section, first, segment, begins, ends, end) {
  const { passingOwner, passingSent, passingStarts, passingReaders, passingLives, passingLivesStarts, results } = section;
  for (let value = 0; value < passingOwner.length; value++) {
    if (!passingSent[value] || first[passingOwner[value]] !== segment) continue;
    let isSent = false;
    for (let r = passingStarts[value]; r < passingStarts[value + 1] && !isSent; r++) isSent = first[passingReaders[r]] !== segment;
    if (!isSent) continue;
    for (let p = passingLivesStarts[value]; p < passingLivesStarts[value + 1]; p++) if (begins[passingLives[p]] >= 0) ends[passingLives[p]] = end;
  }
  for (let r = 0; r < results.length; r += 2) {
    if (results[r] >= 0 && first[results[r]] === segment && begins[results[r + 1]] >= 0) ends[results[r + 1]] = end;
  }
}

/** @param {Int32Array} begins @param {Int32Array} ends @param {Float64Array} sizes @param {number} moments */
function peak(begins, ends, sizes, moments) {
  const change = new Float64Array(moments + 2);
  for (let piece = 0; piece < begins.length; piece++) {
    if (begins[piece] < 0) continue;
    change[begins[piece]] += sizes[piece];
    change[ends[piece] + 1] -= sizes[piece];
  }
  let [most, now] = [0, 0];
  for (const step of change) most = Math.max(most, (now += step));
  return most;
}
