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
  while (from < end) {
    const last = min(end, from + <usize>blockRows * bytes);
    for (let k: i32 = 0; k < count; k++) {
      const feature = featureAt(plan, load<i32>(grower.order + ((<usize>(first + k)) << 2)));
      const column = byColumn
        ? plan.binColumns + (<usize>feature.column) * (<usize>plan.rows)
        : plan.binRows + <usize>feature.column;
      const step: usize = byColumn ? 1 : <usize>plan.stride;
      const bins = grower.bins + (<usize>k) * histogramBytes(plan);
      const touched = grower.touched + ((<usize>k) << 5);
      addBlock(plan, feature, from, last, column, step, bins, touched, few);
    }
    from = last;
  }
  if (few) return;
  for (let k: i32 = 0; k < count; k++) {
    const bins = grower.bins + (<usize>k) * histogramBytes(plan);
    noteBins(plan, bins, grower.touched + ((<usize>k) << 5));
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
      let sum: f64 = 0;
      for (let k: i32 = 0; k < numbers; k++) sum += load<f64>(at + ((<usize>k) << 3));
      if (sum > 0) bits |= <u64>1 << bin;
      at += bytes;
    }
    store<u64>(touched + ((<usize>word) << 3), bits);
  }
}
