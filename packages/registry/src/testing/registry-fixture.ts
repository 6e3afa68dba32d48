import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Principal } from '@backlot/access';
import { type Digest, digestOfBytes, type Randomness, realIo, seededRandom } from '@backlot/core';
import { type Metadata, openSqliteMetadata, type TransactionStep } from '@backlot/store';
import type { ApprovalAuthority } from '../approval.ts';
import { type Keyring, keyringOf, type Signer, type WrittenKey } from '../envelope.ts';
import { registrySchema } from '../schema.ts';
import type { ApproverStanding } from '../verify-approval.ts';
import type { VersionRegistration } from '../version.ts';

/** A principal of the workspace `lumen`. */
export function principal(id: string, changes: Partial<Principal> = {}): Principal {
  const place = { organisation: 'lumen', workspace: 'lumen', project: 'film' };
  return { ...place, id, kind: 'person', roles: ['author'], ...changes };
}

export const author: Principal = principal('imke');
export const approver: Principal = principal('tarek', { roles: ['approver', 'operator'] });

/** A name's digest: two names never share one. */
export function digestNamed(name: string): Digest {
  return digestOfBytes(name);
}

export interface Keys {
  readonly signer: Signer;
  readonly keyring: Keyring;
}

/** A fresh Ed25519 key and a ring that holds only its public half, as Tarek's. */
export function freshKeys(): Keys {
  const { signer, written } = freshWrittenKey('key-1', 'tarek');
  return { signer, keyring: keyringOf([written]) };
}

/** A fresh Ed25519 key: who signs with it, and its public half as it is written down. */
export function freshWrittenKey(
  keyId: string,
  owner: string,
): { readonly signer: Signer; readonly written: WrittenKey } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    signer: { keyId, sign: (bytes) => sign(null, bytes, privateKey) },
    written: { keyId, owner, publicKey: publicKey.export({ format: 'jwk' }).x! },
  };
}

/** Bytes that a seed decides, so that a test repeats itself. */
export function seededBytes(seed: number): Randomness {
  const random = seededRandom(seed);
  return { bytes: (count) => Uint8Array.from({ length: count }, () => random.below(256)) };
}

export interface FakeAuthority extends ApprovalAuthority {
  readonly standings: Map<string, ApproverStanding>;
}

/** An authority under which everyone is in good standing until a test says otherwise. */
export function fakeAuthority(changes: Partial<ApprovalAuthority> = {}): FakeAuthority {
  const standings = new Map<string, ApproverStanding>();
  const { signer, keyring } = freshKeys();
  return {
    signer: () => signer,
    keyring,
    random: seededBytes(1),
    policy: digestNamed('policies'),
    standing: async (_reader, _workspace, id) => standings.get(id) ?? 'allowed',
    standings,
    ...changes,
  };
}

export function registration(changes: Partial<VersionRegistration> = {}): VersionRegistration {
  return {
    ...{ model: 'als-film', bytes: 10, run: 'run-1', task: 'fit', at: 1_000 },
    digest: digestNamed('model'),
    inputs: { plays: digestNamed('plays') },
    evaluation: digestNamed('evaluation'),
    card: digestNamed('card'),
    code: digestNamed('code'),
    authors: ['imke'],
    ...changes,
  };
}

/** Metadata in a folder of its own that is gone after the test. */
export async function temporaryMetadata(test: TestContext): Promise<Metadata> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-registry-'));
  const metadata = await openMetadata(join(folder, 'metadata.sqlite'));
  test.after(async () => {
    await metadata.close();
    await rm(folder, { recursive: true });
  });
  return metadata;
}

export function openMetadata(
  path: string,
  onStep?: (step: TransactionStep) => void,
): Promise<Metadata> {
  const options = { path, clock: realIo().clock, schemas: [registrySchema] };
  return openSqliteMetadata({ ...options, ...(onStep && { onStep }) });
}
