import { takeChunk } from './work';

/**
 * Vectors as small whole numbers: code = nearest((value - shift of its column) * scale), so that a squared
 * distance is an exact i32. Rows are padded with zeros to a multiple of eight codes. T is i8 or i16; a
 * query is always i16.
 */

/** Eight codes as i16, from place i of a row. */
// @ts-ignore: decorator
@inline
function eight<T>(row: usize, i: usize): v128 {
  return sizeof<T>() == 1 ? v128.load_ext<i8>(row + i) : v128.load(row + (i << 1));
}

// @ts-ignore: decorator
@inline
function square(query: v128, row: v128): v128 {
  const off = i16x8.sub(query, row);
  return i32x4.dot_i16x8_s(off, off);
}

/** Squared distances of a query of i16 to the four rows whose numbers lie at ids. */
// @ts-ignore: decorator
@inline
export function fourDistances<T>(
  query: usize,
  codes: usize,
  stride: usize,
  length: usize,
  ids: usize,
): v128 {
  const a = codes + (<usize>load<u32>(ids)) * stride;
  const b = codes + (<usize>load<u32>(ids, 4)) * stride;
  const c = codes + (<usize>load<u32>(ids, 8)) * stride;
  const d = codes + (<usize>load<u32>(ids, 12)) * stride;
  let sa = i32x4.splat(0);
  let sb = i32x4.splat(0);
  let sc = i32x4.splat(0);
  let sd = i32x4.splat(0);
  for (let i: usize = 0; i < length; i += 8) {
    const q = v128.load(query + (i << 1));
    sa = i32x4.add(sa, square(q, eight<T>(a, i)));
    sb = i32x4.add(sb, square(q, eight<T>(b, i)));
    sc = i32x4.add(sc, square(q, eight<T>(c, i)));
    sd = i32x4.add(sd, square(q, eight<T>(d, i)));
  }
  const ab0 = v128.shuffle<i32>(sa, sb, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(sa, sb, 2, 6, 3, 7);
  const cd0 = v128.shuffle<i32>(sc, sd, 0, 4, 1, 5);
  const cd1 = v128.shuffle<i32>(sc, sd, 2, 6, 3, 7);
  const ab = i32x4.add(ab0, ab1);
  const cd = i32x4.add(cd0, cd1);
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** A stored row as a query. */
export function widen<T>(row: usize, length: usize, query: usize): void {
  for (let i: usize = 0; i < length; i += 8) v128.store(query + (i << 1), eight<T>(row, i));
}

/** The code of a value: ties to even, the range cut at limit. */
// @ts-ignore: decorator
@inline
function codeOf(value: f32, shift: f32, scale: f32, limit: f32): f32 {
  return max(-limit, min(limit, nearest((value - shift) * scale)));
}

/** Codes of a vector as i16, for a query, and whether any of them was cut. */
export function encodeQuery(
  vector: usize,
  dimensions: i32,
  shifts: usize,
  scale: f32,
  limit: f32,
  query: usize,
): bool {
  let largest: f32 = 0;
  for (let i: usize = 0; i < <usize>dimensions; i++) {
    const code = codeOf(load<f32>(vector + (i << 2)), load<f32>(shifts + (i << 2)), scale, limit);
    largest = max(largest, abs(code));
    store<i16>(query + (i << 1), <i16>code);
  }
  return largest >= limit;
}

/** Codes of rows first to last of vectors (of so many bytes), each of one or two bytes. */
export function encodeRows(
  thread: i32,
  control: usize,
  vectors: usize,
  vectorBytes: i32,
  first: i32,
  last: i32,
  dimensions: i32,
  shifts: usize,
  scale: f32,
  limit: f32,
  codes: usize,
  stride: i32,
  bytes: i32,
): void {
  for (;;) {
    const chunk = takeChunk(control, 64, last - first);
    if (chunk < 0) return;
    const end = min(first + chunk + 64, last);
    for (let row: i32 = first + chunk; row < end; row++) {
      const from = vectors + (<usize>row) * vectorBytes;
      const to = codes + (<usize>row) * stride;
      for (let i: usize = 0; i < <usize>dimensions; i++) {
        const value = load<f32>(from + (i << 2));
        const code = codeOf(value, load<f32>(shifts + (i << 2)), scale, limit);
        if (bytes == 1) store<i8>(to + i, <i8>code);
        else store<i16>(to + (i << 1), <i16>code);
      }
    }
  }
}
