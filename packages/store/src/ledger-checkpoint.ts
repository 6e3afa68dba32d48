import type { Clock } from '@backlot/core';
import type { Signer } from './keys.ts';
import { unpackFrontier } from './ledger.ts';
import { frontierRoot } from './merkle.ts';
import type { Metadata, Reader } from './metadata.ts';

/** A signed statement of the ledger's root at a size. Give copies to a witness outside the machine. */
export interface Checkpoint {
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly root: string;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  /** The id of the key that signed it. */
  readonly signer: string;
  /** Ed25519, base64. */
  readonly signature: string;
}

/** The bytes that a checkpoint's signature is over. */
export function checkpointBytes({ size, root, at }: Omit<Checkpoint, 'signature'>): Uint8Array {
  return new TextEncoder().encode(`backlot-ledger-checkpoint-v1\n${size}\n${root}\n${at}\n`);
}

/**
 * Signs the ledger as it stands. It appends an entry of its own first, so that each checkpoint is
 * itself in the ledger; when nothing was appended since the last one, that one is answered.
 */
export async function signCheckpoint(options: {
  readonly metadata: Metadata;
  readonly signer: Signer;
  readonly clock: Clock;
}): Promise<Checkpoint> {
  const { metadata, signer, clock } = options;
  return metadata.write(async (tx) => {
    const last = await latestCheckpoint(tx);
    if (last && last.size === (await ledgerRoot(tx)).size) return last;
    await tx.record({
      workspace: ledgerWorkspace,
      actor: `key/${signer.id}`,
      action: 'ledger.checkpoint',
      resource: 'ledger',
    });
    const { size, root } = await ledgerRoot(tx);
    const unsigned = { size, root, at: clock.now(), signer: signer.id };
    const signature = Buffer.from(signer.sign(checkpointBytes(unsigned))).toString('base64');
    await tx.run(
      'INSERT INTO ledger_checkpoints (size, root, at, signer, signature) VALUES (?, ?, ?, ?, ?)',
      size,
      root,
      unsigned.at,
      signer.id,
      signature,
    );
    return { ...unsigned, signature };
  });
}

/** The workspace of entries that belong to no workspace; no name of a workspace can equal it. */
const ledgerWorkspace = '*';

/** The size and root (hexadecimal) of the ledger as it stands. */
export async function ledgerRoot(reader: Reader): Promise<{ size: number; root: string }> {
  const tree = await reader.get<{ size: number; frontier: Uint8Array }>(
    'SELECT size, frontier FROM ledger_tree WHERE id = 1',
  );
  const root = frontierRoot(tree ? unpackFrontier(tree.frontier) : []);
  return { size: tree?.size ?? 0, root: Buffer.from(root).toString('hex') };
}

/** The last signed checkpoint. */
export async function latestCheckpoint(reader: Reader): Promise<Checkpoint | undefined> {
  const row = await reader.get<Checkpoint>(
    'SELECT size, root, at, signer, signature FROM ledger_checkpoints ORDER BY size DESC LIMIT 1',
  );
  return row && { ...row };
}
