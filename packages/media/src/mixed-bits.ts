/**
 * A number in [0, 1) that is fixed by three integers: a hash (the finaliser of MurmurHash3 over
 * their combination) for facts that must not depend on the order in which they are asked for.
 */
export function mixedUniform(seed: number, first: number, second: number): number {
  let bits = (seed ^ Math.imul(first + 1, 0x9e3779b1) ^ Math.imul(second + 1, 0x85ebca77)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  bits = Math.imul(bits ^ (bits >>> 16), 0x27d4eb2f);
  return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
}
