/** An entry's bytes, where it stands, and the hashes beside its path to the root. */
interface InclusionClaim {
  readonly bytes: string;
  readonly position: number;
  readonly size: number;
  /** Hexadecimal, from the leaf's sibling up. */
  readonly path: readonly string[];
  readonly root: string;
}

interface InclusionStep {
  /** The hash at this height on the entry's own path. */
  readonly node: string;
  readonly sibling: string;
  /** On which side of the node the sibling stands. */
  readonly side: 'left' | 'right';
}

export interface Inclusion {
  readonly holds: boolean;
  readonly leaf: string;
  readonly steps: readonly InclusionStep[];
  /** What the path leads to; the root when the claim holds. */
  readonly top: string;
}

/**
 * Recomputes a proof of inclusion in this browser, after RFC 9162 section 2.1.3.2. It shares no code
 * with the writer of the ledger.
 */
export async function checkInclusion(claim: InclusionClaim): Promise<Inclusion> {
  const leaf = await hash(0, new TextEncoder().encode(claim.bytes));
  let [index, last, node] = [claim.position, claim.size - 1, leaf];
  const steps: InclusionStep[] = [];
  let tooLong = false;
  for (const sibling of claim.path) {
    if (last === 0) tooLong = true;
    const left = index % 2 === 1 || index === last;
    steps.push({ node, sibling, side: left ? 'left' : 'right' });
    node = left
      ? await hash(1, bytesOf(sibling), bytesOf(node))
      : await hash(1, bytesOf(node), bytesOf(sibling));
    if (left) {
      while (index % 2 === 0 && index !== 0) [index, last] = [half(index), half(last)];
    }
    [index, last] = [half(index), half(last)];
  }
  const holds = !tooLong && last === 0 && claim.position < claim.size && node === claim.root;
  return { holds, leaf, steps, top: node };
}

/** Positions pass 2^31, so no bit shifts. */
const half = (value: number): number => Math.floor(value / 2);

async function hash(prefix: 0 | 1, ...parts: readonly Uint8Array[]): Promise<string> {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 1);
  const all = new Uint8Array(length);
  all[0] = prefix;
  let at = 1;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', all)));
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
