import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
} from 'node:crypto';
import { dirname, join } from 'node:path';
import { BacklotError, type Io } from '@backlot/core';
import { makeFolderDurably, writeFileDurably } from './durable-files.ts';
import { SubjectKeys } from './subject-keys.ts';

/** The keys of a state folder, one file each, readable by their owner alone. */
export interface Keys {
  /** Turns a person's identifier into the workspace's pseudonym: the 64 hexadecimal digits of an HMAC-SHA256. */
  pseudonymiser(workspace: string): Promise<(identity: string) => string>;
  /** Wraps and unwraps the keys of a workspace's subjects. */
  subjectKeys(workspace: string): Promise<SubjectKeys>;
  /** The Ed25519 key of a principal, or of the ledger. */
  signer(owner: string): Promise<Signer>;
}

export interface Signer {
  /** The first 32 hexadecimal digits of the SHA-256 of the public key. */
  readonly id: string;
  /** Raw 32 bytes, base64url. */
  readonly publicKey: string;
  /** An Ed25519 signature of 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** A key that should stand in the state folder does not. */
export class KeyMissing extends BacklotError {
  constructor(name: string) {
    super({
      code: 'E-STORE-005',
      kind: 'config',
      reason: `the key ${name} is not in the state folder`,
      mend: 'start the owner of the state folder, or backlot restore BACKUP',
    });
  }
}

/** A key's file holds something else than a key. */
export class KeyDamaged extends BacklotError {
  constructor(name: string) {
    super({
      code: 'E-STORE-006',
      kind: 'config',
      reason: `the file of the key ${name} does not hold ${keyBytes} bytes`,
      mend: 'backlot restore BACKUP',
    });
  }
}

/** The name under which `signer` keeps the key of the ledger's checkpoints. */
export const ledgerSigner = 'ledger';

const keyBytes = 32;

/**
 * Opens the keys in a folder. The owner of the state folder makes a key at its first use; any other
 * process (`create: false`) meets `KeyMissing`, so that no two processes make the same key.
 */
export function openKeys(
  io: Io,
  folder: string,
  { create = true }: { readonly create?: boolean } = {},
): Keys {
  const known = new Map<string, Promise<Uint8Array>>();
  const secret = (name: string): Promise<Uint8Array> => {
    const held = known.get(name) ?? loadSecret(io, folder, name, create);
    known.set(name, held);
    held.catch(() => known.delete(name));
    return held;
  };
  return {
    pseudonymiser: async (workspace) => {
      const key = await secret(`pseudonym-${fileName(workspace)}`);
      return (identity) => createHmac('sha256', key).update(identity).digest('hex');
    },
    subjectKeys: async (workspace) =>
      new SubjectKeys(workspace, await secret(`subjects-${fileName(workspace)}`), io.random),
    signer: async (owner) => signerOf(await secret(`signer-${fileName(owner)}`)),
  };
}

/** Names and ids stand as they are; anything else by its digest, so that no name leads elsewhere. */
function fileName(owner: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(owner)) return owner;
  return `digest-${createHash('sha256').update(owner).digest('hex')}`;
}

async function loadSecret(
  io: Io,
  folder: string,
  name: string,
  create: boolean,
): Promise<Uint8Array> {
  const path = join(folder, `${name}.key`);
  if (!(await io.files.stat(path))) {
    if (!create) throw new KeyMissing(name);
    await makeFolderDurably(io, folder);
    await writeFileDurably(io, path, io.random.bytes(keyBytes));
  }
  // Another life of this process may have moved the file into place and not come to the sync.
  if (create) await io.files.syncFolder(dirname(path));
  const key = await io.files.read(path, { limitBytes: 4096 });
  if (key.byteLength !== keyBytes) throw new KeyDamaged(name);
  return key;
}

/** RFC 8410: what stands before the 32 secret bytes of an Ed25519 key in PKCS #8. */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

function signerOf(secret: Uint8Array): Signer {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([ed25519Prefix, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(key).export({ format: 'jwk' }).x!;
  const digest = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex');
  return { id: digest.slice(0, 32), publicKey, sign: (message) => sign(null, message, key) };
}
