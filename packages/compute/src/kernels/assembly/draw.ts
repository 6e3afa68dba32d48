/**
 * Random words by counter, the twin of factorisation/counter-draw.ts: which words come never depends on who
 * asks first. A word is two rounds of a 32-bit mix whose constants were found by search (Wellons 2018).
 */

/** Uniform over 0 .. n - 1, biased by less than n / 2^32. */
// @ts-ignore: decorator
@inline
export function drawBelow(key: i32, counter: i32, n: i32): i32 {
  const word = mixWord(mixWord(<u32>counter) ^ <u32>key);
  return <i32>(<f64>word * 2.3283064365386963e-10 * <f64>n);
}

// @ts-ignore: decorator
@inline
function mixWord(given: u32): u32 {
  let x = (given ^ (given >>> 16)) * 0x21f0aaad;
  x = (x ^ (x >>> 15)) * 0x735a2d97;
  return x ^ (x >>> 15);
}

/** Puts `count` records of `words` 32-bit words in a random order, by the counters 0 .. count - 1. */
export function shuffleRecords(key: i32, records: usize, count: i32, words: i32): void {
  const bytes = (<usize>words) << 2;
  for (let last: i32 = count - 1; last > 0; last--) {
    const a = records + (<usize>last) * bytes;
    const b = records + (<usize>drawBelow(key, last, last + 1)) * bytes;
    for (let at: usize = 0; at < bytes; at += 4) {
      const held = load<i32>(a + at);
      store<i32>(a + at, load<i32>(b + at));
      store<i32>(b + at, held);
    }
  }
}

/** Whether the ascending list from `from` to before `to` holds the value. */
export function holds(from: usize, to: usize, value: i32): bool {
  while (from < to) {
    const middle = from + (((to - from) >> 3) << 2);
    const found = load<i32>(middle);
    if (found == value) return true;
    if (found < value) from = middle + 4;
    else to = middle;
  }
  return false;
}
