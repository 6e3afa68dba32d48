/**
 * How many different values there are: exact up to 256, then a HyperLogLog of 4,096 registers whose
 * standard error is 1.04 / sqrt(4096), 1.6%. The set turns into registers by a rule of its size alone,
 * so that any split of the values gives the same state.
 */
type DistinctCount = { values: Set<string> } | { registers: Uint8Array };

const exactUpTo = 256;
const indexBits = 12;
const registerCount = 1 << indexBits;
const rankBits = 64 - indexBits;

export function emptyCount(): DistinctCount {
  return { values: new Set() };
}

/** Takes a value in; numbers and texts are told apart. */
export function countValue(state: DistinctCount, value: string): DistinctCount {
  if ('registers' in state) {
    note(state.registers, value);
    return state;
  }
  state.values.add(value);
  return state.values.size > exactUpTo ? { registers: registersOf(state.values) } : state;
}

/** Takes another state in, which is left as it is. */
export function mergeCounts(state: DistinctCount, other: DistinctCount): DistinctCount {
  if ('values' in other) return [...other.values].reduce(countValue, state);
  const registers = 'registers' in state ? state.registers : registersOf(state.values);
  other.registers.forEach((rank, at) => {
    if (rank > registers[at]!) registers[at] = rank;
  });
  return { registers };
}

/** The count, or its estimate as a whole number. */
export function distinctCount(state: DistinctCount): number {
  return 'values' in state ? state.values.size : Math.round(estimate(state.registers));
}

function registersOf(values: ReadonlySet<string>): Uint8Array {
  const registers = new Uint8Array(registerCount);
  for (const value of values) note(registers, value);
  return registers;
}

function note(registers: Uint8Array, value: string): void {
  const [high, low] = hash(value);
  const at = high >>> (32 - indexBits);
  const rest = (high << indexBits) >>> 0;
  // The position of the first one among the 52 bits that do not choose the register.
  const rank =
    rest !== 0
      ? Math.clz32(rest) + 1
      : low !== 0
        ? 32 - indexBits + Math.clz32(low) + 1
        : rankBits + 1;
  if (rank > registers[at]!) registers[at] = rank;
}

/** The improved raw estimator of Ertl (2017), "New cardinality estimation algorithms", section 2. */
function estimate(registers: Uint8Array): number {
  const counts = new Float64Array(rankBits + 2);
  for (const rank of registers) counts[rank]!++;
  let sum = registerCount * tau(1 - counts[rankBits + 1]! / registerCount);
  for (let rank = rankBits; rank >= 1; rank--) sum = 0.5 * (sum + counts[rank]!);
  sum += registerCount * sigma(counts[0]! / registerCount);
  return registerCount ** 2 / (2 * Math.LN2 * sum);
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let [x, y, z] = [share, 1, share];
  for (let before = Number.NaN; z !== before; ) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [x, y, z] = [share, 1, 1 - share];
  for (let before = Number.NaN; z !== before; ) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}

/** 64 bits in two halves: two multiplicative lanes over the text, then the finaliser of MurmurHash3. */
function hash(text: string): readonly [high: number, low: number] {
  let [one, two] = [0x9e3779b9, 0x85ebca6b];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    two = Math.imul(two ^ unit, 0xc2b2ae35) + (one >>> 15);
  }
  return [mixed(one ^ Math.imul(two, 0x27d4eb2f)), mixed(two + Math.imul(one, 0x165667b1))];
}

function mixed(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
