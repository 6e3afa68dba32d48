import { featureAt, ForestNode, ForestPlan, outputsOf } from './forest-plan';
import { takeChunk } from './work';

const chunkRows: i32 = 1024;

/** Adds, for each row with weight, what the trees say that did not see it. Threads share the rows. */
export function forestVotes(thread: i32, control: usize, address: usize): void {
  const plan = changetype<ForestPlan>(address);
  for (;;) {
    const first = takeChunk(control, chunkRows, plan.usedCount);
    if (first < 0) return;
    const last = min(first + chunkRows, plan.usedCount);
    for (let tree: i32 = 0; tree < plan.trees; tree++) voteRows(plan, tree, first, last);
  }
}

function voteRows(plan: ForestPlan, tree: i32, first: i32, last: i32): void {
  const bag = plan.bags + (<usize>tree) * (<usize>plan.bagBytes);
  const out = plan.out + (<usize>tree) * (<usize>plan.outBytes);
  const outputs = <usize>outputsOf(plan);
  for (let k = first; k < last; k++) {
    if ((load<u8>(bag + ((<usize>k) >> 3)) & (1 << (k & 7))) != 0) continue;
    const row = <usize>load<i32>(plan.used + ((<usize>k) << 2));
    const leaf = <usize>walk(plan, out + 64, plan.binRows + row * (<usize>plan.stride));
    const from = out + <usize>plan.valuesAt + leaf * outputs * 8;
    const to = plan.votes + row * outputs * 8;
    for (let o: usize = 0; o < outputs * 8; o += 8) {
      store<f64>(to + o, load<f64>(to + o) + load<f64>(from + o));
    }
    const count = plan.voters + (row << 2);
    store<i32>(count, load<i32>(count) + 1);
  }
}

function walk(plan: ForestPlan, nodes: usize, bins: usize): i32 {
  let at: i32 = 0;
  let node = changetype<ForestNode>(nodes);
  while (node.left >= 0) {
    const feature = featureAt(plan, node.feature);
    let bin = <i32>load<u8>(bins + <usize>feature.column);
    if (feature.map != 0) bin = <i32>load<u8>(feature.map + <usize>bin);
    const goesLeft = bin == feature.bins ? node.missingLeft != 0 : bin <= node.bin;
    at = goesLeft ? node.left : node.left + 1;
    node = changetype<ForestNode>(nodes + ((<usize>at) << 6));
  }
  return at;
}
