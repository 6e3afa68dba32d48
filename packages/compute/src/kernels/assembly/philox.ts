/** Philox4x32-10 (Salmon et al. 2011), the twin of random/philox.ts: words by counter under a key. */
@unmanaged
export class RandomState {
  key0: u32;
  key1: u32;
  /** The next block's number; words of the last that were used. */
  next: u32;
  used: i32;
  word0: u32;
  word1: u32;
  word2: u32;
  word3: u32;
}

/** Puts the stream of a key at its beginning. */
export function beginRandom(state: RandomState, key0: u32, key1: u32): void {
  state.key0 = key0;
  state.key1 = key1;
  state.next = 0;
  state.used = 4;
}

/** Uniform over 0 .. n - 1 without bias (Lemire 2019): the upper word of a product, few are refused. */
export function randomBelow(state: RandomState, n: u32): u32 {
  let product = <u64>randomWord(state) * <u64>n;
  while (<u32>product < n && <u32>product < (0 - n) % n) product = <u64>randomWord(state) * <u64>n;
  return <u32>(product >> 32);
}

function randomWord(state: RandomState): u32 {
  if (state.used == 4) {
    generate(state);
    state.used = 0;
  }
  const at = changetype<usize>(state) + 16 + ((<usize>state.used) << 2);
  state.used++;
  return load<u32>(at);
}

function generate(state: RandomState): void {
  let w0: u32 = state.next++;
  let w1: u32 = 0;
  let w2: u32 = 0;
  let w3: u32 = 0;
  let key0 = state.key0;
  let key1 = state.key1;
  for (let round: i32 = 0; round < 10; round++) {
    const product0 = <u64>w0 * 0xd2511f53;
    const product1 = <u64>w2 * 0xcd9e8d57;
    w0 = <u32>(product1 >> 32) ^ w1 ^ key0;
    w1 = <u32>product1;
    w2 = <u32>(product0 >> 32) ^ w3 ^ key1;
    w3 = <u32>product0;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  state.word0 = w0;
  state.word1 = w1;
  state.word2 = w2;
  state.word3 = w3;
}
