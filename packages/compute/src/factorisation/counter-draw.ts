/**
 * The twin of assembly/draw.ts: uniform over 0 .. n - 1 by a key and a counter, the same number whenever it
 * is asked for.
 */
export function counterBelow(key: number, counter: number, n: number): number {
  const word = mixWord(mixWord(counter) ^ key) >>> 0;
  return Math.floor(word * 2 ** -32 * n);
}

function mixWord(given: number): number {
  let x = Math.imul(given ^ (given >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

/** The twin of the kernels' shuffle: the order of `count` records, by the counters 0 .. count - 1. */
export function counterShuffle(key: number, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, at) => at);
  for (let last = count - 1; last > 0; last--) {
    const other = counterBelow(key, last, last + 1);
    const held = order[last]!;
    order[last] = order[other]!;
    order[other] = held;
  }
  return order;
}
