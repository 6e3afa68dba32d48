/**
 * The ledger's verifier. It shares no code with the writer, on purpose: it reads rows as they are
 * stored, writes their canonical text itself and hashes by the recursive definition of RFC 6962.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

/** A row of `ledger_entries`. */
export interface StoredEntry {
  readonly position: number;
  readonly at: number;
  readonly workspace: string;
  readonly actor: string;
  readonly action: string;
  readonly resource: string;
  /** JSON text. */
  readonly facts: string;
  readonly leaf: Uint8Array;
}

/** A row of `ledger_checkpoints`, or a copy of one that a witness kept. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly root: string;
  readonly at: number;
  readonly signer: string;
  readonly signature: string;
}

export interface LedgerToVerify {
  /** In the order of their position. */
  readonly entries: AsyncIterable<StoredEntry> | Iterable<StoredEntry>;
  readonly checkpoints: readonly StoredCheckpoint[];
  /** The Ed25519 public keys (raw 32 bytes, base64url) that may sign checkpoints. */
  readonly trustedKeys: readonly string[];
  /** The size and root (hexadecimal) that the writer goes on from; checked when given. */
  readonly tree?: { readonly size: number; readonly root: string };
}

export type LedgerFault =
  | 'edited'
  | 'missing'
  | 'truncated'
  | 'rewritten'
  | 'unknown-signer'
  | 'bad-signature'
  | 'tree-differs';

export type LedgerVerdict =
  | { readonly ok: true; readonly size: number; readonly root: string; readonly signedSize: number }
  | {
      readonly ok: false;
      readonly fault: LedgerFault;
      /** The first bad entry. When only a signature tells, the first that can be bad. */
      readonly position: number;
      /** The last entry that can be the bad one. */
      readonly lastPosition: number;
      readonly reason: string;
    };

/** Recomputes the whole ledger and names the first bad entry. */
export async function verifyLedger(ledger: LedgerToVerify): Promise<LedgerVerdict> {
  const tree = new Tree();
  for await (const entry of ledger.entries) {
    const size = tree.size;
    if (entry.position !== size) {
      return bad('missing', size, size, `entry ${size} is missing: ${entry.position} stands there`);
    }
    const leaf = sha256(Uint8Array.of(0), textOf(entry));
    if (leaf !== hex(entry.leaf)) {
      return bad('edited', size, size, `entry ${size} is not what was written at its place`);
    }
    tree.append(leaf);
  }
  return verifyCheckpoints(tree, ledger) ?? verifyTree(tree, ledger);
}

function verifyCheckpoints(tree: Tree, ledger: LedgerToVerify): LedgerVerdict | undefined {
  let good = 0;
  for (const checkpoint of ledger.checkpoints.toSorted((a, b) => a.size - b.size)) {
    const { size, root } = checkpoint;
    const problem = signatureProblem(checkpoint, ledger.trustedKeys);
    if (problem) {
      return bad(
        problem,
        good,
        size - 1,
        `the checkpoint at ${size} has a signature of no known key`,
      );
    }
    if (size > tree.size) {
      const reason = `the ledger ends at ${tree.size}, a checkpoint was signed at ${size}`;
      return bad('truncated', tree.size, size - 1, reason);
    }
    if (tree.root(0, size) !== root) {
      const reason = `an entry from ${good} to ${size - 1} differs from what was signed at ${size}`;
      return bad('rewritten', good, size - 1, reason);
    }
    good = size;
  }
  return undefined;
}

function verifyTree(tree: Tree, { tree: claimed, checkpoints }: LedgerToVerify): LedgerVerdict {
  const signedSize = Math.max(0, ...checkpoints.map(({ size }) => size));
  const root = tree.root(0, tree.size);
  if (claimed && claimed.size > tree.size) {
    const reason = `the ledger ends at ${tree.size}, its writer stands at ${claimed.size}`;
    return bad('truncated', tree.size, claimed.size - 1, reason);
  }
  if (claimed && (claimed.size !== tree.size || claimed.root !== root)) {
    const reason = `an entry from ${signedSize} on differs from what its writer stands on`;
    return bad('tree-differs', signedSize, Math.max(signedSize, tree.size - 1), reason);
  }
  return { ok: true, size: tree.size, root, signedSize };
}

function bad(
  fault: LedgerFault,
  position: number,
  lastPosition: number,
  reason: string,
): LedgerVerdict {
  return { ok: false, fault, position, lastPosition, reason };
}

/** The text that a leaf hashes: members in the order of their names, facts as they are stored. */
function textOf(entry: StoredEntry): string {
  const text = JSON.stringify;
  return (
    `{"action":${text(entry.action)},"actor":${text(entry.actor)},"at":${entry.at},` +
    `"facts":${entry.facts},"position":${entry.position},"resource":${text(entry.resource)},` +
    `"workspace":${text(entry.workspace)}}`
  );
}

function signatureProblem(
  checkpoint: StoredCheckpoint,
  trustedKeys: readonly string[],
): 'unknown-signer' | 'bad-signature' | undefined {
  const { size, root, at, signer, signature } = checkpoint;
  const key = trustedKeys.find((trusted) => signerId(trusted) === signer);
  if (key === undefined) return 'unknown-signer';
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
  const message = Buffer.from(`backlot-ledger-checkpoint-v1\n${size}\n${root}\n${at}\n`);
  const valid = verify(null, message, publicKey, Buffer.from(signature, 'base64'));
  return valid ? undefined : 'bad-signature';
}

/** A key's id: the first 32 hexadecimal digits of the SHA-256 of its 32 bytes. */
function signerId(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64url')).digest('hex').slice(0, 32);
}

/** RFC 6962's tree hash, by its definition; perfect subtrees are remembered. */
class Tree {
  readonly #leaves: string[] = [];
  readonly #perfect = new Map<string, string>();

  get size(): number {
    return this.#leaves.length;
  }

  append(leaf: string): void {
    this.#leaves.push(leaf);
  }

  root(start: number, size: number): string {
    if (size === 0) return sha256();
    if (size === 1) return this.#leaves[start]!;
    const key = `${start} ${size}`;
    const known = this.#perfect.get(key);
    if (known !== undefined) return known;
    const left = 2 ** (Math.ceil(Math.log2(size)) - 1);
    const hash = sha256(
      Uint8Array.of(1),
      Buffer.from(this.root(start, left), 'hex'),
      Buffer.from(this.root(start + left, size - left), 'hex'),
    );
    if (left * 2 === size) this.#perfect.set(key, hash);
    return hash;
  }
}

function sha256(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
