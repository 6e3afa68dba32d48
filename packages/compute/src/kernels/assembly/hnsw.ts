import { encodeQuery, fourDistances, widen } from './codes';
import { takeChunk } from './work';

/**
 * Hierarchical navigable small worlds (Malkov and Yashunin 2018) on whole-number codes. A candidate is
 * one i64, its distance above its number (twice, and one more once its links were followed), so that
 * equal distances order by number and every result is exact and the same on each machine.
 *
 * The graph's block holds, as i32 each: */
// @ts-ignore: decorator
@inline
const CODES: usize = 0;
// @ts-ignore: decorator
@inline
const CODE_STRIDE: usize = 4;
// @ts-ignore: decorator
@inline
const CODE_LENGTH: usize = 8;
// @ts-ignore: decorator
@inline
const CODE_BYTES: usize = 12;
// @ts-ignore: decorator
@inline
const M: usize = 16;
/** Rows x 2 m numbers, -1 past the last. */
// @ts-ignore: decorator
@inline
const LINKS: usize = 20;
/** For each row the first of its lists in UPPER. */
// @ts-ignore: decorator
@inline
const UPPER_STARTS: usize = 24;
/** Lists of m numbers, one for each level above the ground. */
// @ts-ignore: decorator
@inline
const UPPER: usize = 28;
/** For each row its highest level, a byte. */
// @ts-ignore: decorator
@inline
const LEVELS: usize = 32;
// @ts-ignore: decorator
@inline
const SCRATCH: usize = 36;
// @ts-ignore: decorator
@inline
const SCRATCH_BYTES: usize = 40;
/** Within a thread's scratch: query, second query, ids, selected, pool, visited marks. */
// @ts-ignore: decorator
@inline
const SECOND_AT: usize = 44;
// @ts-ignore: decorator
@inline
const IDS_AT: usize = 48;
// @ts-ignore: decorator
@inline
const SELECTED_AT: usize = 52;
// @ts-ignore: decorator
@inline
const POOL_AT: usize = 56;
// @ts-ignore: decorator
@inline
const VISITED_AT: usize = 60;
// @ts-ignore: decorator
@inline
const CAPACITY: usize = 64;
/** The row where searches begin, -1 in an empty graph, and its level. */
// @ts-ignore: decorator
@inline
const ENTRY: usize = 68;
// @ts-ignore: decorator
@inline
const TOP: usize = 72;
// @ts-ignore: decorator
@inline
const VECTORS: usize = 76;
// @ts-ignore: decorator
@inline
const VECTOR_BYTES: usize = 80;
// @ts-ignore: decorator
@inline
const DIMENSIONS: usize = 84;
// @ts-ignore: decorator
@inline
const SHIFTS: usize = 88;
/** f32. */
// @ts-ignore: decorator
@inline
const SCALE: usize = 92;
/** f32, of a query's codes. */
// @ts-ignore: decorator
@inline
const QUERY_LIMIT: usize = 96;

// @ts-ignore: decorator
@inline
function at(graph: usize, field: usize): usize {
  return <usize>load<u32>(graph + field);
}

// @ts-ignore: decorator
@inline
function scratchOf(graph: usize, thread: i32): usize {
  return at(graph, SCRATCH) + (<usize>thread) * at(graph, SCRATCH_BYTES);
}

// @ts-ignore: decorator
@inline
function levelOf(graph: usize, row: i32): i32 {
  return <i32>load<u8>(at(graph, LEVELS) + row);
}

// @ts-ignore: decorator
@inline
function limitOf(graph: usize, level: i32): i32 {
  const m = load<i32>(graph + M);
  return level == 0 ? 2 * m : m;
}

/** Where the links of a row begin on a level. */
// @ts-ignore: decorator
@inline
function linksOf(graph: usize, row: i32, level: i32): usize {
  const m = at(graph, M);
  if (level == 0) return at(graph, LINKS) + (<usize>row) * (m << 3);
  const start = load<i32>(at(graph, UPPER_STARTS) + ((<usize>row) << 2));
  return at(graph, UPPER) + (<usize>(start + level - 1)) * (m << 2);
}

// @ts-ignore: decorator
@inline
function keyOf(distance: i32, row: i32): i64 {
  return ((<i64>distance) << 32) | ((<i64>row) << 1);
}

// @ts-ignore: decorator
@inline
function rowOf(key: i64): i32 {
  return (<i32>key) >>> 1;
}

// @ts-ignore: decorator
@inline
function lane(v: v128, i: i32): i32 {
  if (i == 0) return i32x4.extract_lane(v, 0);
  if (i == 1) return i32x4.extract_lane(v, 1);
  if (i == 2) return i32x4.extract_lane(v, 2);
  return i32x4.extract_lane(v, 3);
}

/** Puts a key in its place in the ascending pool of so many; room for one more is needed. */
// @ts-ignore: decorator
@inline
function insert(pool: usize, count: i32, key: i64): i32 {
  let low: i32 = 0;
  let length = count;
  while (length > 0) {
    const half = length >> 1;
    const right = load<i64>(pool + ((<usize>(low + half)) << 3)) < key;
    low = right ? low + half + 1 : low;
    length = right ? length - half - 1 : half;
  }
  const place = pool + ((<usize>low) << 3);
  let end = pool + ((<usize>count) << 3);
  while (end >= place + 16) {
    end -= 16;
    v128.store(end, v128.load(end), 8);
  }
  if (end > place) store<i64>(place, load<i64>(place), 8);
  store<i64>(place, key);
  return low;
}

/** A new mark, other than all in the visited bytes. */
function freshMark(graph: usize, scratch: usize): u8 {
  const visited = scratch + at(graph, VISITED_AT);
  const mark = load<u8>(visited) + 1;
  if (mark == 0) {
    memory.fill(visited, 0, at(graph, CAPACITY) + 1);
    store<u8>(visited, 1);
    return 1;
  }
  store<u8>(visited, mark);
  return mark;
}

/** Copies the links not met before to ids, padded to four, and says how many. */
// @ts-ignore: decorator
@inline
function gather(links: usize, limit: i32, visited: usize, mark: u8, ids: usize): i32 {
  let count: usize = 0;
  const end = links + ((<usize>limit) << 2);
  for (; links < end; links += 4) {
    const row = load<i32>(links);
    if (row < 0) break;
    const seen = load<u8>(visited + row);
    store<i32>(ids + (count << 2), row);
    store<u8>(visited + row, mark);
    count += <usize>(seen != mark);
  }
  const last = load<i32>(ids);
  for (let i = count; i & 3; i++) store<i32>(ids + (i << 2), last);
  return <i32>count;
}

/** Loads the first two cache lines of a candidate's links: WebAssembly has no prefetch. */
// @ts-ignore: decorator
@inline
function linesOf(graph: usize, key: i64, level: i32): i32 {
  const links = linksOf(graph, rowOf(key), level);
  return load<i32>(links) + load<i32>(links, 64);
}

/**
 * The ef rows nearest to the query of those that the pool's rows lead to on a level (algorithm 2). The pool
 * is ascending; only what is in it at the end would have been followed by the paper's queue either.
 */
function searchLevel<T>(graph: usize, scratch: usize, level: i32, count: i32, ef: i32): i32 {
  const codes = at(graph, CODES);
  const stride = at(graph, CODE_STRIDE);
  const length = at(graph, CODE_LENGTH);
  const ids = scratch + at(graph, IDS_AT);
  const pool = scratch + at(graph, POOL_AT);
  const visited = scratch + at(graph, VISITED_AT) + 1;
  const limit = limitOf(graph, level);
  const mark = freshMark(graph, scratch);
  for (let i: i32 = 0; i < count; i++) {
    store<u8>(visited + rowOf(load<i64>(pool + ((<usize>i) << 3))), mark);
  }
  let worst: i32 = count < ef ? i32.MAX_VALUE : load<i32>(pool + ((<usize>(ef - 1)) << 3), 4);
  let next: i32 = 0;
  let touched: i32 = 0;
  while (next < count) {
    const place = pool + ((<usize>next) << 3);
    const key = load<i64>(place);
    if (key & 1) {
      next++;
      continue;
    }
    store<i64>(place, key | 1);
    next++;
    const found = gather(linksOf(graph, rowOf(key), level), limit, visited, mark, ids);
    // The links that are probably followed next come into the cache while distances are computed.
    if (next < count) touched += linesOf(graph, load<i64>(pool + ((<usize>next) << 3)), level);
    for (let i: i32 = 0; i < found; i += 4) {
      const four = ids + ((<usize>i) << 2);
      const distances = fourDistances<T>(scratch, codes, stride, length, four);
      let near = i32x4.bitmask(i32x4.lt_s(distances, i32x4.splat(worst)));
      if (found - i < 4) near &= (1 << (found - i)) - 1;
      while (near) {
        const which = ctz(near);
        near &= near - 1;
        const distance = lane(distances, which);
        if (distance >= worst) continue;
        const row = load<i32>(four + ((<usize>which) << 2));
        const put = insert(pool, count, keyOf(distance, row));
        next = min(next, put);
        count = min(count + 1, ef);
        if (count == ef) worst = load<i32>(pool + ((<usize>(ef - 1)) << 3), 4);
      }
    }
  }
  // A sum that is kept, so that no compiler takes the loads away.
  store<i32>(ids, touched);
  return count;
}

/** Walks from row to the nearest row of each level from top down to above `level`, a step at a time. */
function descend<T>(graph: usize, scratch: usize, level: i32): i64 {
  const codes = at(graph, CODES);
  const stride = at(graph, CODE_STRIDE);
  const length = at(graph, CODE_LENGTH);
  const ids = scratch + at(graph, IDS_AT);
  const m = load<i32>(graph + M);
  const entry = load<i32>(graph + ENTRY);
  store<i32>(ids, entry);
  for (let i: usize = 4; i < 16; i += 4) store<i32>(ids + i, entry);
  const first = fourDistances<T>(scratch, codes, stride, length, ids);
  let best = keyOf(i32x4.extract_lane(first, 0), entry);
  for (let on = load<i32>(graph + TOP); on > level; on--) {
    let before: i64 = -1;
    while (before != best) {
      before = best;
      const links = linksOf(graph, rowOf(best), on);
      let count: i32 = 0;
      for (; count < m; count++) {
        const row = load<i32>(links + ((<usize>count) << 2));
        if (row < 0) break;
        store<i32>(ids + ((<usize>count) << 2), row);
      }
      const last = load<i32>(ids);
      for (let i = count; i & 3; i++) store<i32>(ids + ((<usize>i) << 2), last);
      for (let i: i32 = 0; i < count; i += 4) {
        const four = ids + ((<usize>i) << 2);
        const distances = fourDistances<T>(scratch, codes, stride, length, four);
        for (let which: i32 = 0; which < 4 && i + which < count; which++) {
          const row = load<i32>(four + ((<usize>which) << 2));
          best = min(best, keyOf(lane(distances, which), row));
        }
      }
    }
  }
  return best;
}

/**
 * Chooses at most `limit` rows of ascending candidates for the links of one row (algorithm 4): one that
 * is nearer to a chosen row than to the row itself is left out. The chosen come first in the pool, in order.
 */
function select<T>(graph: usize, scratch: usize, pool: usize, count: i32, limit: i32): i32 {
  const codes = at(graph, CODES);
  const stride = at(graph, CODE_STRIDE);
  const length = at(graph, CODE_LENGTH);
  const second = scratch + at(graph, SECOND_AT);
  const selected = scratch + at(graph, SELECTED_AT);
  let chosen: i32 = 0;
  for (let i: i32 = 0; i < count && chosen < limit; i++) {
    const key = load<i64>(pool + ((<usize>i) << 3));
    const row = rowOf(key);
    let query = codes + (<usize>row) * stride;
    if (sizeof<T>() == 1) {
      widen<T>(query, length, second);
      query = second;
    }
    const own = i32x4.splat(<i32>(key >> 32));
    let apart = true;
    for (let s: i32 = 0; s < chosen; s += 4) {
      const distances = fourDistances<T>(query, codes, stride, length, selected + ((<usize>s) << 2));
      if (v128.any_true(i32x4.lt_s(distances, own))) {
        apart = false;
        break;
      }
    }
    if (!apart) continue;
    // The places up to the next multiple of four repeat a chosen row, which changes nothing.
    const place = selected + ((<usize>chosen) << 2);
    store<i32>(place, row);
    if (!(chosen & 3)) {
      store<i32>(place, row, 4);
      store<i32>(place, row, 8);
      store<i32>(place, row, 12);
    }
    store<i64>(pool + ((<usize>chosen) << 3), key);
    chosen++;
  }
  return chosen;
}

/** Candidates among the earlier rows of the same batch, which the graph does not hold yet. */
function addBatch<T>(
  graph: usize,
  scratch: usize,
  first: i32,
  row: i32,
  level: i32,
  count: i32,
  ef: i32,
): i32 {
  const pool = scratch + at(graph, POOL_AT);
  const ids = scratch + at(graph, IDS_AT);
  for (let other: i32 = first; other < row; ) {
    let found: i32 = 0;
    for (; other < row && found < 4; other++) {
      if (levelOf(graph, other) < level) continue;
      store<i32>(ids + ((<usize>found) << 2), other);
      found++;
    }
    if (found == 0) break;
    for (let i = found; i < 4; i++) store<i32>(ids + ((<usize>i) << 2), load<i32>(ids));
    const distances = fourDistances<T>(
      scratch,
      at(graph, CODES),
      at(graph, CODE_STRIDE),
      at(graph, CODE_LENGTH),
      ids,
    );
    for (let which: i32 = 0; which < found; which++) {
      const key = keyOf(lane(distances, which), load<i32>(ids + ((<usize>which) << 2)));
      if (count == ef && key > load<i64>(pool + ((<usize>(ef - 1)) << 3))) continue;
      insert(pool, count, key);
      count = min(count + 1, ef);
    }
  }
  return count;
}

function choose<T>(
  graph: usize,
  scratch: usize,
  first: i32,
  row: i32,
  ef: i32,
  chosen: usize,
): void {
  const pool = scratch + at(graph, POOL_AT);
  const m = load<i32>(graph + M);
  const length = at(graph, CODE_LENGTH);
  widen<T>(at(graph, CODES) + (<usize>row) * at(graph, CODE_STRIDE), length, scratch);
  const top = load<i32>(graph + TOP);
  const own = levelOf(graph, row);
  let nearest: i64 = -1;
  if (load<i32>(graph + ENTRY) >= 0) nearest = descend<T>(graph, scratch, min(own, top));
  for (let level = own; level >= 0; level--) {
    let count: i32 = 0;
    if (nearest >= 0 && level <= top) {
      store<i64>(pool, nearest);
      count = searchLevel<T>(graph, scratch, level, 1, ef);
      nearest = load<i64>(pool) & ~1;
    }
    count = addBatch<T>(graph, scratch, first, row, level, count, ef);
    count = select<T>(graph, scratch, pool, count, m);
    const links = linksOf(graph, row, level);
    const out = chosen + (<usize>(level * m)) * 8;
    for (let i: i32 = 0; i < limitOf(graph, level); i++) {
      const key = i < count ? load<i64>(pool + ((<usize>i) << 3)) & ~1 : -1;
      store<i32>(links + ((<usize>i) << 2), key < 0 ? -1 : rowOf(key));
      if (i < m) store<i64>(out + ((<usize>i) << 3), key);
    }
  }
}

/**
 * For each row first to last: searches the graph as it is without them, adds the earlier of them, and
 * chooses its links. `chosen` holds chosenStride bytes for a row: m keys for each level.
 */
export function hnswChoose(
  thread: i32,
  control: usize,
  graph: usize,
  first: i32,
  last: i32,
  ef: i32,
  chosen: usize,
  chosenStride: i32,
): void {
  const scratch = scratchOf(graph, thread);
  for (;;) {
    const chunk = takeChunk(control, 2, last - first);
    if (chunk < 0) return;
    for (let row = first + chunk; row < min(first + chunk + 2, last); row++) {
      const out = chosen + (<usize>(row - first)) * chosenStride;
      if (load<i32>(graph + CODE_BYTES) == 1) choose<i8>(graph, scratch, first, row, ef, out);
      else choose<i16>(graph, scratch, first, row, ef, out);
    }
  }
}

/** Adds a row to the links of another; when they are full, algorithm 4 chooses among all. */
function link<T>(graph: usize, scratch: usize, target: i32, level: i32, added: i64): void {
  const links = linksOf(graph, target, level);
  const limit = limitOf(graph, level);
  let count: i32 = 0;
  while (count < limit && load<i32>(links + ((<usize>count) << 2)) >= 0) count++;
  if (count < limit) {
    store<i32>(links + ((<usize>count) << 2), rowOf(added));
    return;
  }
  const pool = scratch + at(graph, POOL_AT);
  const codes = at(graph, CODES);
  const stride = at(graph, CODE_STRIDE);
  const length = at(graph, CODE_LENGTH);
  widen<T>(codes + (<usize>target) * stride, length, scratch);
  store<i64>(pool, added);
  const ids = scratch + at(graph, IDS_AT);
  const bytes = (<usize>limit) << 2;
  memory.copy(ids, links, bytes);
  for (let i = bytes; i & 15; i += 4) store<i32>(ids + i, load<i32>(ids));
  for (let i: i32 = 0; i < limit; i += 4) {
    const four = ids + ((<usize>i) << 2);
    const distances = fourDistances<T>(scratch, codes, stride, length, four);
    for (let which: i32 = 0; which < 4 && i + which < limit; which++) {
      const key = keyOf(lane(distances, which), load<i32>(four + ((<usize>which) << 2)));
      insert(pool, i + which + 1, key);
    }
  }
  const kept = select<T>(graph, scratch, pool, limit + 1, limit);
  for (let i: i32 = 0; i < limit; i++) {
    const row = i < kept ? rowOf(load<i64>(pool + ((<usize>i) << 3))) : -1;
    store<i32>(links + ((<usize>i) << 2), row);
  }
}

/**
 * Links back: each row first to last is added to the links of those that it chose. A chunk is a class of
 * target rows, whose lists change in the order of the added rows, whoever takes it.
 */
export function hnswLink(
  thread: i32,
  control: usize,
  graph: usize,
  first: i32,
  last: i32,
  chosen: usize,
  chosenStride: i32,
  classes: i32,
): void {
  const scratch = scratchOf(graph, thread);
  const m = load<i32>(graph + M);
  const narrow = load<i32>(graph + CODE_BYTES) == 1;
  for (;;) {
    const taken = takeChunk(control, 1, classes);
    if (taken < 0) return;
    for (let row = first; row < last; row++) {
      for (let level = levelOf(graph, row); level >= 0; level--) {
        const keys = chosen + (<usize>(row - first)) * chosenStride + (<usize>(level * m)) * 8;
        for (let i: i32 = 0; i < m; i++) {
          const key = load<i64>(keys + ((<usize>i) << 3));
          if (key < 0) break;
          const target = rowOf(key);
          if ((target & (classes - 1)) != taken) continue;
          const added = ((key >> 32) << 32) | ((<i64>row) << 1);
          if (narrow) link<i8>(graph, scratch, target, level, added);
          else link<i16>(graph, scratch, target, level, added);
        }
      }
    }
  }
}

/** Exact squared distance of floats; the bytes are a multiple of 16. */
function exactDistance(a: usize, b: usize, bytes: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 32 <= bytes; i += 32) {
    const d0 = f32x4.sub(v128.load(a + i), v128.load(b + i));
    const d1 = f32x4.sub(v128.load(a + i, 16), v128.load(b + i, 16));
    s0 = f32x4.add(s0, f32x4.mul(d0, d0));
    s1 = f32x4.add(s1, f32x4.mul(d1, d1));
  }
  if (i < bytes) {
    const d0 = f32x4.sub(v128.load(a + i), v128.load(b + i));
    s0 = f32x4.add(s0, f32x4.mul(d0, d0));
  }
  const s = f32x4.add(s0, s1);
  return (
    f32x4.extract_lane(s, 0) +
    f32x4.extract_lane(s, 2) +
    (f32x4.extract_lane(s, 1) + f32x4.extract_lane(s, 3))
  );
}

/**
 * By how much, in codes, a distance by codes may be beyond the k-th by floats before no further candidate is looked
 * at: the rounding of a row and of a query moves it by 0.4 (standard deviation), however many columns there are.
 */
const slack: f32 = 1.5;

/** The k of the pool's best by the floats themselves; places that stay empty hold -1. */
function rerank(
  graph: usize,
  pool: usize,
  count: i32,
  query: usize,
  k: i32,
  beyond: f32,
  outRows: usize,
  outDistances: usize,
): void {
  const vectors = at(graph, VECTORS);
  const bytes = at(graph, VECTOR_BYTES);
  const scale = load<f32>(graph + SCALE);
  const kth = pool + ((<usize>(k - 1)) << 3);
  let limit: f32 = Infinity;
  let ranked: i32 = 0;
  for (; ranked < count; ranked++) {
    const key = load<i64>(pool + ((<usize>ranked) << 3));
    if (<f32>(<i32>(key >> 32)) > limit) break;
    const row = rowOf(key);
    const distance = exactDistance(query, vectors + (<usize>row) * bytes, bytes);
    // The bits of floats that are not negative order as the floats do.
    const put = insert(pool, ranked, keyOf(reinterpret<i32>(distance), row));
    if (ranked + 1 < k || put >= k) continue;
    const edge = sqrt(reinterpret<f32>(load<i32>(kth, 4))) * scale + beyond;
    limit = edge * edge;
  }
  for (let i: i32 = 0; i < k; i++) {
    const key = i < ranked ? load<i64>(pool + ((<usize>i) << 3)) : -1;
    store<i32>(outRows + ((<usize>i) << 2), key < 0 ? -1 : rowOf(key));
    const distance = key < 0 ? <f32>Infinity : reinterpret<f32>(<i32>(key >> 32));
    store<f32>(outDistances + ((<usize>i) << 2), distance);
  }
}

/** Those of the pool among which the k nearest are as far as codes tell, at most `room` of them. */
function candidates(
  pool: usize,
  count: i32,
  k: i32,
  beyond: f32,
  room: i32,
  out: usize,
): void {
  const last = load<i32>(pool + ((<usize>(min(k, count) - 1)) << 3), 4);
  const edge = sqrt(<f32>last) + 1.4 * beyond; // Two distances by codes are compared.
  for (let i: i32 = 0; i < room; i++) {
    let row: i32 = -1;
    if (i < count) {
      const key = load<i64>(pool + ((<usize>i) << 3));
      if (i < k || <f32>(<i32>(key >> 32)) <= edge * edge) row = rowOf(key);
    }
    store<i32>(out + ((<usize>i) << 2), row);
  }
}

/** Codes of a query; how far distances by codes count beyond their k-th: all the way where it was cut. */
// @ts-ignore: decorator
@inline
function encode(graph: usize, scratch: usize, query: usize): f32 {
  const cut = encodeQuery(
    query,
    load<i32>(graph + DIMENSIONS),
    at(graph, SHIFTS),
    load<f32>(graph + SCALE),
    load<f32>(graph + QUERY_LIMIT),
    scratch,
  );
  return cut ? <f32>Infinity : slack;
}

/** Searches for a query and leaves what is found in the pool. */
// @ts-ignore: decorator
@inline
function find<T>(graph: usize, scratch: usize, ef: i32): i32 {
  store<i64>(scratch + at(graph, POOL_AT), descend<T>(graph, scratch, 0));
  return searchLevel<T>(graph, scratch, 0, 1, ef);
}

/**
 * The k nearest rows to each query (floats, of as many bytes as a vector): the best of the ef that the codes
 * found are ordered by exact distance. Where `room` is not 0, the rows among which they are instead, in the
 * order of codes: then the graph needs no vectors, and no distances are given.
 */
export function hnswFind(
  thread: i32,
  control: usize,
  graph: usize,
  queries: usize,
  count: i32,
  k: i32,
  ef: i32,
  room: i32,
  outRows: usize,
  outDistances: usize,
): void {
  const scratch = scratchOf(graph, thread);
  const pool = scratch + at(graph, POOL_AT);
  const narrow = load<i32>(graph + CODE_BYTES) == 1;
  const width = room > 0 ? room : k;
  for (;;) {
    const first = takeChunk(control, 8, count);
    if (first < 0) return;
    for (let i = first; i < min(first + 8, count); i++) {
      const query = queries + (<usize>i) * at(graph, VECTOR_BYTES);
      const beyond = encode(graph, scratch, query);
      const found = narrow ? find<i8>(graph, scratch, ef) : find<i16>(graph, scratch, ef);
      const rows = outRows + (<usize>(i * width)) * 4;
      const distances = outDistances + (<usize>(i * width)) * 4;
      if (room > 0) candidates(pool, found, k, beyond, room, rows);
      else rerank(graph, pool, found, query, k, beyond, rows, distances);
    }
  }
}
