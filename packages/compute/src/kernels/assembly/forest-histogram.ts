import { featureAt, ForestFeature, ForestNode, ForestPlan, Grower, histogramBytes } from './forest-plan';

/** Rows of a list that stay in the nearest cache while several features read them. */
const blockRows: i32 = 512;
/** A node with fewer rows than this notes which bins it touches, rather than looking at all. */
const fewRows: i32 = 512;

/** Adds the node's rows to the histograms of some features, which hold zeros and will note their bins. */
export function addRows(
  plan: ForestPlan,
  grower: Grower,
  node: ForestNode,
  first: i32,
  count: i32,
): void {
  const bytes = <usize>plan.entryBytes;
  let from = grower.entries + (<usize>node.start) * bytes;
  const end = from + (<usize>node.count) * bytes;
  const few = node.count < fewRows;
  // Columns of bins are read where the node has most rows of a cache line, rows of bins where few.
  const byColumn = (<i64>node.count) * 64 > (<i64>count) * plan.rows;
  const step: usize = byColumn ? 1 : <usize>plan.stride;
  const size = histogramBytes(plan);
  while (from < end) {
    const last = min(end, from + <usize>blockRows * bytes);
    for (let k: i32 = 0; k < count; k++) {
      const bins = grower.bins + (<usize>k) * size;
      const touched = grower.touched + ((<usize>k) << 5);
      const feature = drawnAt(plan, grower, first + k);
      const column = columnOf(plan, feature, byColumn);
      if (!few && k + 1 < count && plan.classes == 2 && plan.minRows == 1) {
        const next = drawnAt(plan, grower, first + k + 1);
        if ((feature.map | next.map) == 0) {
          addPair(from, last, column, columnOf(plan, next, byColumn), step, bins, size);
          k++;
          continue;
        }
      }
      addBlock(plan, feature, from, last, column, step, bins, touched, few);
    }
    from = last;
  }
  if (few) return;
  for (let k: i32 = 0; k < count; k++) {
    noteBins(plan, grower.bins + (<usize>k) * size, grower.touched + ((<usize>k) << 5));
  }
}

@inline
function drawnAt(plan: ForestPlan, grower: Grower, place: i32): ForestFeature {
  return featureAt(plan, load<i32>(grower.order + ((<usize>place) << 2)));
}

@inline
function columnOf(plan: ForestPlan, feature: ForestFeature, byColumn: bool): usize {
  return byColumn
    ? plan.binColumns + (<usize>feature.column) * (<usize>plan.rows)
    : plan.binRows + <usize>feature.column;
}

/** Two columns and two classes at once: a row is read once for both. */
function addPair(
  from: usize,
  end: usize,
  column: usize,
  other: usize,
  step: usize,
  bins: usize,
  size: usize,
): void {
  for (let entry = from; entry < end; entry += 16) {
    const row = (<usize>load<u32>(entry)) * step;
    const own = bins + <usize>load<u32>(entry, 4);
    const weight = load<f64>(entry, 8);
    const at = own + ((<usize>load<u8>(column + row)) << 4);
    const to = own + size + ((<usize>load<u8>(other + row)) << 4);
    store<f64>(at, load<f64>(at) + weight);
    store<f64>(to, load<f64>(to) + weight);
  }
}

function addBlock(
  plan: ForestPlan,
  feature: ForestFeature,
  from: usize,
  end: usize,
  column: usize,
  step: usize,
  bins: usize,
  touched: usize,
  few: bool,
): void {
  const bytes = (<usize>plan.slots) << 3;
  const counted = plan.minRows > 1;
  const map = feature.map;
  if (counted || map != 0) addAny(plan, map, from, end, column, step, bins, touched);
  else if (plan.classes > 0) {
    if (few) addClasses(from, end, column, step, bins, bytes, touched, true);
    else addClasses(from, end, column, step, bins, bytes, touched, false);
  } else {
    if (few) addNumbers(from, end, column, step, bins, touched, true);
    else addNumbers(from, end, column, step, bins, touched, false);
  }
}

@inline
function addClasses(
  from: usize,
  end: usize,
  column: usize,
  step: usize,
  bins: usize,
  bytes: usize,
  touched: usize,
  note: bool,
): void {
  for (let entry = from; entry < end; entry += 16) {
    const bin = <usize>load<u8>(column + (<usize>load<u32>(entry)) * step);
    const at = bins + bin * bytes + <usize>load<u32>(entry, 4);
    store<f64>(at, load<f64>(at) + load<f64>(entry, 8));
    if (note) noteBin(touched, bin);
  }
}

@inline
function addNumbers(
  from: usize,
  end: usize,
  column: usize,
  step: usize,
  bins: usize,
  touched: usize,
  note: bool,
): void {
  for (let entry = from; entry < end; entry += 24) {
    const bin = <usize>load<u8>(column + (<usize>load<u32>(entry)) * step);
    const at = bins + (bin << 4);
    v128.store(at, f64x2.add(v128.load(at), v128.load(entry, 8)));
    if (note) noteBin(touched, bin);
  }
}

/** With counts of rows, or bins of a shared column: rarer, and so not tuned. */
function addAny(
  plan: ForestPlan,
  map: usize,
  from: usize,
  end: usize,
  column: usize,
  step: usize,
  bins: usize,
  touched: usize,
): void {
  const bytes = (<usize>plan.slots) << 3;
  const classes = plan.classes > 0;
  const counted = plan.minRows > 1;
  const entryBytes = <usize>plan.entryBytes;
  for (let entry = from; entry < end; entry += entryBytes) {
    let bin = <usize>load<u8>(column + (<usize>load<u32>(entry)) * step);
    if (map != 0) bin = <usize>load<u8>(map + bin);
    const own = bins + bin * bytes;
    if (classes) {
      const at = own + <usize>load<u32>(entry, 4);
      store<f64>(at, load<f64>(at) + load<f64>(entry, 8));
    } else {
      v128.store(own, f64x2.add(v128.load(own), v128.load(entry, 8)));
    }
    if (counted) store<f64>(own + bytes - 8, load<f64>(own + bytes - 8) + 1);
    noteBin(touched, bin);
  }
}

@inline
function noteBin(touched: usize, bin: usize): void {
  const word = touched + ((bin >> 6) << 3);
  store<u64>(word, load<u64>(word) | (<u64>1 << <u64>(bin & 63)));
}

/** Notes the bins that hold rows: weights are above 0. */
function noteBins(plan: ForestPlan, bins: usize, touched: usize): void {
  // The weight is the first number, or the sum of the classes'.
  const numbers: i32 = plan.classes > 0 ? plan.classes : 1;
  const bytes = (<usize>plan.slots) << 3;
  let at = bins;
  for (let word: i32 = 0; word < 4; word++) {
    let bits: u64 = 0;
    for (let bin: u64 = 0; bin < 64; bin++) {
      let held = false;
      for (let k: i32 = 0; k < numbers && !held; k++) held = load<f64>(at + ((<usize>k) << 3)) > 0;
      if (held) bits |= <u64>1 << bin;
      at += bytes;
    }
    store<u64>(touched + ((<usize>word) << 3), bits);
  }
}
