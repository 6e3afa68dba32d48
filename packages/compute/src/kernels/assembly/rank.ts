import { takeChunk } from './work';
import { tile } from './tile';

/** Users whose factors stay in the second-level cache while all items pass. */
const blockUsers: i32 = 64;
/** Items whose scores are held before the best are picked. */
const blockItems: i32 = 128;

/**
 * The k best items of each user by inner product, of all items (packed in panels of eight) that the
 * user's row of the exclusions (ascending) does not name. Best first, equal scores by item index; places
 * that stay empty hold -1. The factors of users lie one after another, padded to a multiple of 4 rows.
 */
export function rank(
  thread: i32,
  control: usize,
  users: usize,
  count: i32,
  depth: i32,
  panels: usize,
  items: i32,
  excludedOffsets: usize,
  excluded: usize,
  k: i32,
  outItems: usize,
  outScores: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const stride = (<usize>depth) << 2;
  const scores = scratch + thread * scratchBytes;
  const places = scores + ((<usize>(blockUsers * blockItems)) << 2);
  for (;;) {
    const first = takeChunk(control, blockUsers, count);
    if (first < 0) return;
    const last = min(first + blockUsers, count);
    for (let user: i32 = first; user < last; user++) {
      const at = (<usize>(user * k)) << 2;
      for (let i: usize = 0, end = (<usize>k) << 2; i < end; i += 4) {
        store<i32>(outItems + at + i, -1);
        store<f32>(outScores + at + i, -Infinity);
      }
      const begin = load<i32>(excludedOffsets + ((<usize>user) << 2));
      store<i32>(places + ((<usize>(user - first)) << 2), begin);
    }
    for (let item: i32 = 0; item < items; item += blockItems) {
      const width = min(blockItems, items - item);
      scoreBlock(users + first * stride, last - first, depth, panels + item * stride, width, scores);
      for (let user: i32 = first; user < last; user++) {
        const row = scores + ((<usize>((user - first) * blockItems)) << 2);
        const place = places + ((<usize>(user - first)) << 2);
        const end = load<i32>(excludedOffsets + ((<usize>user) << 2), 4);
        exclude(row, item, width, excluded, place, end);
        const at = (<usize>(user * k)) << 2;
        pick(row, item, width, k, outItems + at, outScores + at);
      }
    }
  }
}

function scoreBlock(
  users: usize,
  count: i32,
  depth: i32,
  panels: usize,
  width: i32,
  scores: usize,
): void {
  const stride = (<usize>depth) << 2;
  const line = (<usize>blockItems) << 2;
  for (let item: i32 = 0; item < width; item += 8) {
    const panel = panels + item * stride;
    for (let user: i32 = 0; user < count; user += 4) {
      const a = users + user * stride;
      const c = scores + user * line + ((<usize>item) << 2);
      tile(
        a,
        a + stride,
        a + 2 * stride,
        a + 3 * stride,
        panel,
        depth,
        c,
        c + line,
        c + 2 * line,
        c + 3 * line,
      );
    }
  }
  // Lanes past the last item are the padding of its panel.
  for (let user: i32 = 0; user < count; user++) {
    for (let item: i32 = width; item & 3; item++) {
      store<f32>(scores + user * line + ((<usize>item) << 2), -Infinity);
    }
  }
}

function exclude(
  scores: usize,
  item: i32,
  width: i32,
  excluded: usize,
  place: usize,
  end: i32,
): void {
  let at = load<i32>(place);
  for (; at < end; at++) {
    const found = load<i32>(excluded + ((<usize>at) << 2)) - item;
    if (found >= width) break;
    store<f32>(scores + ((<usize>found) << 2), -Infinity);
  }
  store<i32>(place, at);
}

function pick(
  scores: usize,
  item: i32,
  width: i32,
  k: i32,
  outItems: usize,
  outScores: usize,
): void {
  const worst = outScores + ((<usize>(k - 1)) << 2);
  let limit = v128.load_splat<f32>(worst);
  for (let i: i32 = 0; i < width; i += 4) {
    const at = scores + ((<usize>i) << 2);
    if (!v128.any_true(f32x4.gt(v128.load(at), limit))) continue;
    for (let lane: i32 = 0; lane < 4; lane++) {
      const score = load<f32>(at + ((<usize>lane) << 2));
      if (score > load<f32>(worst)) insert(score, item + i + lane, k, outItems, outScores);
    }
    limit = v128.load_splat<f32>(worst);
  }
}

/** Items come in ascending order, so an equal score stays behind those already there. */
function insert(score: f32, item: i32, k: i32, outItems: usize, outScores: usize): void {
  let at = (<usize>(k - 1)) << 2;
  while (at > 0 && load<f32>(outScores + at - 4) < score) {
    store<f32>(outScores + at, load<f32>(outScores + at - 4));
    store<i32>(outItems + at, load<i32>(outItems + at - 4));
    at -= 4;
  }
  store<f32>(outScores + at, score);
  store<i32>(outItems + at, item);
}
