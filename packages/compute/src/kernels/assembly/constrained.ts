import { drawBelow, holds, shuffleRecords } from './draw';
import { exponential } from './exponential';
import { dot, sums } from './vector';
import { takeChunk } from './work';

/** Added to mean squares before their root, so that a first gradient of 0 moves nothing. */
const floor: f32 = 1e-12;
/** What a mean square keeps of itself at a step. */
const kept: f32 = 0.99;

/** What stays the same over the records of a cell; addresses where the name says no number. */
@unmanaged
class ConstrainedPass {
  key: i32;
  counter: i32;
  negatives: i32;
  columns: i32;
  pool: usize;
  poolSize: i32;
  users: usize;
  items: usize;
  userSquares: usize;
  itemSquares: usize;
  userScales: usize;
  itemScales: usize;
  negative: f32;
  negativeScaled: f32;
  rate: f32;
  decay: f32;
  share: f32;
  slope: usize;
  zero: usize;
  list: usize;
  loss: f64;
}

/**
 * One round of steps on weighted pairs and drawn ones, cell by cell as in `pairwise`. A record (user, item,
 * weight) of a weight above 0 pulls its pair together by it and pushes `negatives` drawn items away, each by
 * `negative` + `negativeScaled` x scales of user and item; of one below 0 it only pulls, by minus that.
 * Steps are scaled by one mean square a row. `losses`: two doubles a cell, the sum of losses
 * (of pushes four times as many as a record's first ones stand for all) and the records.
 */
export function constrained(
  thread: i32,
  control: usize,
  round: i32,
  blocks: i32,
  cellOffsets: usize,
  records: usize,
  blockOffsets: usize,
  blockItems: usize,
  keys: usize,
  historyOffsets: usize,
  historyItems: usize,
  users: usize,
  items: usize,
  userSquares: usize,
  itemSquares: usize,
  userScales: usize,
  itemScales: usize,
  columns: i32,
  share: f32,
  negatives: i32,
  negative: f32,
  negativeScaled: f32,
  rate: f32,
  decay: f32,
  losses: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const pass = changetype<ConstrainedPass>(scratch + <usize>thread * <usize>scratchBytes);
  pass.negatives = negatives;
  pass.columns = columns;
  pass.users = users;
  pass.items = items;
  pass.userSquares = userSquares;
  pass.itemSquares = itemSquares;
  pass.userScales = userScales;
  pass.itemScales = itemScales;
  pass.negative = negative;
  pass.negativeScaled = negativeScaled;
  pass.rate = rate;
  pass.decay = decay;
  pass.share = share;
  pass.slope = changetype<usize>(pass) + 128;
  pass.zero = pass.slope + ((<usize>columns) << 2);
  pass.list = pass.zero + ((<usize>columns) << 2);
  for (;;) {
    const shard = takeChunk(control, 1, blocks);
    if (shard < 0) return;
    const block = (shard + round) % blocks;
    const cell = (<usize>(block * blocks + shard)) << 2;
    const begin = load<i32>(cellOffsets + cell);
    const count = load<i32>(cellOffsets + cell, 4) - begin;
    const mine = records + (<usize>begin) * 12;
    const edge = blockOffsets + ((<usize>block) << 2);
    pass.key = load<i32>(keys + cell);
    pass.counter = count;
    pass.pool = blockItems + ((<usize>load<i32>(edge)) << 2);
    pass.poolSize = load<i32>(edge, 4) - load<i32>(edge);
    pass.loss = 0;
    shuffleRecords(pass.key, mine, count, 3);
    for (let at: i32 = 0; at < count; at++) {
      if ((at & 255) == 0 && atomic.load<i32>(control, 4) != 0) return;
      const record = mine + (<usize>at) * 12;
      const history = historyOffsets + ((<usize>load<i32>(record)) << 2);
      const met = historyItems + ((<usize>load<i32>(history)) << 2);
      const metEnd = historyItems + ((<usize>load<i32>(history, 4)) << 2);
      moveRecord(pass, load<i32>(record), load<i32>(record, 4), load<f32>(record, 8), met, metEnd);
    }
    store<f64>(losses + (cell << 2), pass.loss);
    store<f64>(losses + (cell << 2), <f64>count, 8);
  }
}

function moveRecord(
  pass: ConstrainedPass,
  user: i32,
  item: i32,
  weight: f32,
  met: usize,
  metEnd: usize,
): void {
  const bytes = (<usize>pass.columns) << 2;
  const u = pass.users + <usize>user * bytes;
  const v = pass.items + <usize>item * bytes;
  const length = dot(u, u, pass.columns);
  const score = dot(u, v, pass.columns);
  const decay: f32 = weight > 0 ? pass.decay : 0;
  const power = Math.exp(-<f64>abs(score));
  const pull = -abs(weight) * <f32>(score >= 0 ? power / (1 + power) : 1 / (1 + power));
  pass.loss += <f64>abs(weight) * (Math.log1p(power) + max<f64>(0, -<f64>score));
  pass.loss += <f64>(0.5 * decay * (length + dot(v, v, pass.columns)));
  const squares = pull * pull * length + decay * (2 * pull * score + decay * dot(v, v, pass.columns));
  const step = stepOf(pass, pass.itemSquares + ((<usize>item) << 2), squares * pass.share);
  startRow(u, v, pass.slope, bytes, pull, decay, step);
  if (weight > 0) pushDrawn(pass, user, u, length, met, metEnd);
  const slopes = dot(pass.slope, pass.slope, pass.columns) * pass.share;
  const by = f32x4.splat(stepOf(pass, pass.userSquares + ((<usize>user) << 2), slopes));
  for (let at: usize = 0; at < bytes; at += 16) {
    const moved = f32x4.sub(v128.load(u + at), f32x4.mul(by, v128.load(pass.slope + at)));
    v128.store(u + at, moved);
  }
}

/** Adds to a row's running mean square, which begins as its first; returns the rate over its root. */
// @ts-ignore: decorator
@inline
function stepOf(pass: ConstrainedPass, at: usize, squares: f32): f32 {
  const before = load<f32>(at);
  const total = before > 0 ? kept * before + (<f32>1 - kept) * squares : squares;
  store<f32>(at, total);
  return pass.rate / sqrt<f32>(total + floor);
}

/** The user's slope from its pair, and the item's step. */
function startRow(
  u: usize,
  v: usize,
  slope: usize,
  bytes: usize,
  pull: f32,
  decay: f32,
  step: f32,
): void {
  const by = f32x4.splat(pull);
  const keep = f32x4.splat(decay);
  const move = f32x4.splat(step);
  for (let at: usize = 0; at < bytes; at += 16) {
    const a = v128.load(u + at);
    const b = v128.load(v + at);
    v128.store(slope + at, f32x4.add(f32x4.mul(by, b), f32x4.mul(keep, a)));
    const own = f32x4.add(f32x4.mul(by, a), f32x4.mul(keep, b));
    v128.store(v + at, f32x4.sub(b, f32x4.mul(move, own)));
  }
}

/** Draws items that the user has not met; a draw of one that it has is left out. */
function pushDrawn(
  pass: ConstrainedPass,
  user: i32,
  u: usize,
  length: f32,
  met: usize,
  metEnd: usize,
): void {
  const bytes = (<usize>pass.columns) << 2;
  let count: i32 = 0;
  for (let draw: i32 = 0; draw < pass.negatives; draw++) {
    const place = drawBelow(pass.key, pass.counter++, pass.poolSize);
    const item = load<i32>(pass.pool + ((<usize>place) << 2));
    if (holds(met, metEnd, item)) continue;
    store<i32>(pass.list + ((<usize>count) << 2), item);
    count++;
  }
  const scaled = pass.negativeScaled * load<f32>(pass.userScales + ((<usize>user) << 2));
  for (let first: i32 = 0; first < count; first += 4) {
    const list = pass.list + ((<usize>first) << 2);
    pushFour(pass, list, min(4, count - first), scaled, u, length, bytes, first == 0 ? count : 0);
  }
}

/** Four items at once, each from where it was before the four; `standing` is how many these stand for. */
function pushFour(
  pass: ConstrainedPass,
  list: usize,
  count: i32,
  scaled: f32,
  u: usize,
  length: f32,
  bytes: usize,
  standing: i32,
): void {
  const i0 = load<i32>(list);
  const i1 = count > 1 ? load<i32>(list, 4) : -1;
  const i2 = count > 2 ? load<i32>(list, 8) : -1;
  const i3 = count > 3 ? load<i32>(list, 12) : -1;
  const v0 = pass.items + <usize>i0 * bytes;
  const v1 = i1 < 0 ? pass.zero : pass.items + <usize>i1 * bytes;
  const v2 = i2 < 0 ? pass.zero : pass.items + <usize>i2 * bytes;
  const v3 = i3 < 0 ? pass.zero : pass.items + <usize>i3 * bytes;
  const scores = scoreFour(u, v0, v1, v2, v3, bytes);
  const shares = logisticFour(scores);
  const weights = f32x4(
    weightOf(pass, i0, scaled),
    weightOf(pass, i1, scaled),
    weightOf(pass, i2, scaled),
    weightOf(pass, i3, scaled),
  );
  if (standing) {
    // -ln(1 - share) is the loss; the first four stand for all.
    let loss: f64 = 0;
    loss += softplus(f32x4.extract_lane(scores, 0)) * <f64>f32x4.extract_lane(weights, 0);
    loss += softplus(f32x4.extract_lane(scores, 1)) * <f64>f32x4.extract_lane(weights, 1);
    loss += softplus(f32x4.extract_lane(scores, 2)) * <f64>f32x4.extract_lane(weights, 2);
    loss += softplus(f32x4.extract_lane(scores, 3)) * <f64>f32x4.extract_lane(weights, 3);
    pass.loss += (loss * <f64>standing) / <f64>count;
  }
  const push = f32x4.mul(weights, shares);
  const g0 = f32x4.extract_lane(push, 0);
  const g1 = f32x4.extract_lane(push, 1);
  const g2 = f32x4.extract_lane(push, 2);
  const g3 = f32x4.extract_lane(push, 3);
  const mean = length * pass.share;
  const s0 = f32x4.splat(pushStep(pass, i0, g0, mean));
  const s1 = f32x4.splat(pushStep(pass, i1, g1, mean));
  const s2 = f32x4.splat(pushStep(pass, i2, g2, mean));
  const s3 = f32x4.splat(pushStep(pass, i3, g3, mean));
  const b0 = f32x4.splat(g0);
  const b1 = f32x4.splat(g1);
  const b2 = f32x4.splat(g2);
  const b3 = f32x4.splat(g3);
  for (let at: usize = 0; at < bytes; at += 16) {
    const a = v128.load(u + at);
    const r0 = v128.load(v0 + at);
    const r1 = v128.load(v1 + at);
    const r2 = v128.load(v2 + at);
    const r3 = v128.load(v3 + at);
    const first = f32x4.add(f32x4.mul(b0, r0), f32x4.mul(b1, r1));
    const second = f32x4.add(f32x4.mul(b2, r2), f32x4.mul(b3, r3));
    const slope = f32x4.add(v128.load(pass.slope + at), f32x4.add(first, second));
    v128.store(pass.slope + at, slope);
    v128.store(v0 + at, f32x4.sub(r0, f32x4.mul(s0, a)));
    v128.store(v1 + at, f32x4.sub(r1, f32x4.mul(s1, a)));
    v128.store(v2 + at, f32x4.sub(r2, f32x4.mul(s2, a)));
    v128.store(v3 + at, f32x4.sub(r3, f32x4.mul(s3, a)));
  }
}

// @ts-ignore: decorator
@inline
function weightOf(pass: ConstrainedPass, item: i32, scaled: f32): f32 {
  if (item < 0) return 0;
  return pass.negative + scaled * load<f32>(pass.itemScales + ((<usize>item) << 2));
}

/** The factor of u in a pushed item's step; the place of no item keeps its zeros. */
// @ts-ignore: decorator
@inline
function pushStep(pass: ConstrainedPass, item: i32, push: f32, mean: f32): f32 {
  if (item < 0) return 0;
  return push * stepOf(pass, pass.itemSquares + ((<usize>item) << 2), push * push * mean);
}

function softplus(score: f32): f64 {
  return Math.log1p(Math.exp(-<f64>abs(score))) + max<f64>(0, <f64>score);
}

function scoreFour(u: usize, v0: usize, v1: usize, v2: usize, v3: usize, bytes: usize): v128 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const a = v128.load(u + at);
    s0 = f32x4.add(s0, f32x4.mul(a, v128.load(v0 + at)));
    s1 = f32x4.add(s1, f32x4.mul(a, v128.load(v1 + at)));
    s2 = f32x4.add(s2, f32x4.mul(a, v128.load(v2 + at)));
    s3 = f32x4.add(s3, f32x4.mul(a, v128.load(v3 + at)));
  }
  return sums(s0, s1, s2, s3);
}

/** 1 / (1 + e^-x) of four floats, by doubles. */
function logisticFour(x: v128): v128 {
  const one = f64x2.splat(1);
  const low = f64x2.neg(f64x2.promote_low_f32x4(x));
  const high = f64x2.neg(f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1)));
  const a = f32x4.demote_f64x2_zero(f64x2.div(one, f64x2.add(one, exponential(low))));
  const b = f32x4.demote_f64x2_zero(f64x2.div(one, f64x2.add(one, exponential(high))));
  return v128.shuffle<f64>(a, b, 0, 2);
}
