import { drawBelow, holds, shuffleRecords } from './draw';
import { takeChunk } from './work';
import { dot } from './vector';

/** How often another negative is drawn when the user has met the last. */
const tries: i32 = 16;

/**
 * One round of stochastic gradient steps on Bayesian personalised ranking. In round r, shard s of the users
 * meets block (s + r) mod blocks of the items alone, so that no two shards touch one row, and the order
 * of steps is the same whatever the threads. The records of a cell (user, item) are shuffled in place and
 * walked once; each draws an item of the same block that the user has not met: any (`popular` 0), or
 * that of a random record of the block, which is by popularity. Leaves the sum of losses and the number
 * of steps of each cell at `losses` (two doubles a cell).
 */
export function pairwise(
  thread: i32,
  control: usize,
  round: i32,
  blocks: i32,
  cellOffsets: usize,
  records: usize,
  blockOffsets: usize,
  blockItems: usize,
  keys: usize,
  popular: i32,
  historyOffsets: usize,
  historyItems: usize,
  users: usize,
  items: usize,
  biases: usize,
  columns: i32,
  rate: f32,
  decay: f32,
  biasDecay: f32,
  losses: usize,
): void {
  const stride = (<usize>columns) << 2;
  const kept: f32 = 1 - rate * decay;
  const biasKept: f32 = 1 - rate * biasDecay;
  for (;;) {
    const shard = takeChunk(control, 1, blocks);
    if (shard < 0) return;
    const block = (shard + round) % blocks;
    const cell = (<usize>(block * blocks + shard)) << 2;
    const begin = load<i32>(cellOffsets + cell);
    const count = load<i32>(cellOffsets + cell, 4) - begin;
    const mine = records + ((<usize>begin) << 3);
    const key = load<i32>(keys + cell);
    shuffleRecords(key, mine, count, 2);
    const edge = (<usize>block) << 2;
    // Where negatives come from: the records of the whole block, or its items.
    const row = (<usize>(block * blocks)) << 2;
    const from = load<i32>(popular ? cellOffsets + row : blockOffsets + edge);
    const to = load<i32>(popular ? cellOffsets + row + ((<usize>blocks) << 2) : blockOffsets + edge + 4);
    const pool = popular ? records + ((<usize>from) << 3) + 4 : blockItems + ((<usize>from) << 2);
    const shift: usize = popular ? 3 : 2;
    let counter = count;
    let loss: f64 = 0;
    let steps: i32 = 0;
    for (let at: i32 = 0; at < count; at++) {
      const user = load<i32>(mine + ((<usize>at) << 3));
      const item = load<i32>(mine + ((<usize>at) << 3), 4);
      const history = historyOffsets + ((<usize>user) << 2);
      const met = historyItems + ((<usize>load<i32>(history)) << 2);
      const metEnd = historyItems + ((<usize>load<i32>(history, 4)) << 2);
      let other: i32 = -1;
      for (let attempt: i32 = 0; attempt < tries; attempt++) {
        const drawn = load<i32>(pool + ((<usize>drawBelow(key, counter++, to - from)) << shift));
        if (holds(met, metEnd, drawn)) continue;
        other = drawn;
        break;
      }
      if (other < 0) continue;
      const u = users + (<usize>user) * stride;
      const i = items + (<usize>item) * stride;
      const j = items + (<usize>other) * stride;
      const bi = biases + ((<usize>item) << 2);
      const bj = biases + ((<usize>other) << 2);
      const margin = dot(u, i, columns) - dot(u, j, columns) + load<f32>(bi) - load<f32>(bj);
      const power = Math.exp(-<f64>abs(margin));
      loss += Math.log1p(power) + max<f64>(0, -<f64>margin);
      steps++;
      const slope = <f32>(margin >= 0 ? power / (1 + power) : 1 / (1 + power)) * rate;
      move(u, i, j, stride, slope, kept);
      store<f32>(bi, load<f32>(bi) * biasKept + slope);
      store<f32>(bj, load<f32>(bj) * biasKept - slope);
    }
    store<f64>(losses + (cell << 2), loss);
    store<f64>(losses + (cell << 2), <f64>steps, 8);
  }
}

/** u += slope (i - j); i += slope u; j -= slope u, each from the values before, after shrinking by `kept`. */
function move(u: usize, i: usize, j: usize, bytes: usize, slope: f32, kept: f32): void {
  const by = f32x4.splat(slope);
  const keep = f32x4.splat(kept);
  for (let at: usize = 0; at < bytes; at += 16) {
    const a = v128.load(u + at);
    const b = v128.load(i + at);
    const c = v128.load(j + at);
    const pull = f32x4.mul(by, a);
    v128.store(u + at, f32x4.add(f32x4.mul(keep, a), f32x4.mul(by, f32x4.sub(b, c))));
    v128.store(i + at, f32x4.add(f32x4.mul(keep, b), pull));
    v128.store(j + at, f32x4.sub(f32x4.mul(keep, c), pull));
  }
}
