import { takeChunk } from './work';

const digitBits: i32 = 11;
const digits: i32 = 2048;

/**
 * Sorts columns of floats or doubles without NaN, each by one thread, by the digits of their bits from the
 * last on. A column begins every `step` bytes; a thread has `spareBytes` for counts and a second column.
 */
export function sortColumns(
  thread: i32,
  control: usize,
  values: usize,
  width: i32,
  step: usize,
  lengths: usize,
  columns: i32,
  spare: usize,
  spareBytes: usize,
): void {
  const counts = spare + (<usize>thread) * spareBytes;
  const other = counts + 6 * <usize>digits * 4;
  for (;;) {
    const column = takeChunk(control, 1, columns);
    if (column < 0) return;
    const own = values + (<usize>column) * step;
    const length = load<i32>(lengths + ((<usize>column) << 2));
    if (width == 4) sortBits<u32>(own, other, length, counts);
    else sortBits<u64>(own, other, length, counts);
  }
}

function sortBits<T>(values: usize, other: usize, length: i32, counts: usize): void {
  const passes: i32 = sizeof<T>() == 4 ? 3 : 6;
  const bytes = (<usize>length) * sizeof<T>();
  memory.fill(counts, 0, (<usize>(passes * digits)) << 2);
  for (let at = values; at < values + bytes; at += sizeof<T>()) {
    const key = orderedBits<T>(load<T>(at));
    store<T>(at, key);
    for (let pass: i32 = 0; pass < passes; pass++) {
      const count = counts + ((<usize>(pass * digits + digitOf<T>(key, pass))) << 2);
      store<i32>(count, load<i32>(count) + 1);
    }
  }
  let from = values;
  let to = other;
  for (let pass: i32 = 0; pass < passes && length > 0; pass++) {
    const own = counts + ((<usize>(pass * digits)) << 2);
    // All keys with the same digit are in order already.
    const first = own + ((<usize>digitOf<T>(load<T>(from), pass)) << 2);
    if (load<i32>(first) == length) continue;
    placeBits<T>(from, to, bytes, own, pass);
    const held = from;
    from = to;
    to = held;
  }
  for (let at: usize = 0; at < bytes; at += sizeof<T>()) {
    store<T>(values + at, valueBits<T>(load<T>(from + at)));
  }
}

function placeBits<T>(from: usize, to: usize, bytes: usize, counts: usize, pass: i32): void {
  let start: i32 = 0;
  for (let digit: i32 = 0; digit < digits; digit++) {
    const count = counts + ((<usize>digit) << 2);
    const held = load<i32>(count);
    store<i32>(count, start);
    start += held;
  }
  for (let at = from; at < from + bytes; at += sizeof<T>()) {
    const key = load<T>(at);
    const count = counts + ((<usize>digitOf<T>(key, pass)) << 2);
    const place = load<i32>(count);
    store<i32>(count, place + 1);
    store<T>(to + (<usize>place) * sizeof<T>(), key);
  }
}

@inline
function digitOf<T>(key: T, pass: i32): i32 {
  return <i32>((key >> <T>(pass * digitBits)) & <T>(digits - 1));
}

/** Bits that ascend with the number: below 0 all turned, above only the sign. */
@inline
function orderedBits<T>(bits: T): T {
  const sign = <T>1 << <T>(8 * sizeof<T>() - 1);
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

@inline
function valueBits<T>(key: T): T {
  const sign = <T>1 << <T>(8 * sizeof<T>() - 1);
  return (key & sign) != 0 ? key ^ sign : ~key;
}
