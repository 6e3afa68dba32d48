import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Digest, digestOfBytes, realIo } from '@backlot/core';
import type { VerifiedDeployment } from '@backlot/registry';
import { ObjectMissing } from '@backlot/store';
import { Endpoint, type EndpointOptions } from '../endpoint.ts';
import { openPredictionLog } from '../prediction-log.ts';
import { tableScorer } from './bundle-fixture.ts';

/** Objects in memory that do not check what they hand out, as a broken store would not. */
export class TrustingObjects {
  readonly held = new Map<Digest, Uint8Array>();

  put(bytes: Uint8Array): Digest {
    const digest = digestOfBytes(bytes);
    this.held.set(digest, bytes);
    return digest;
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const bytes = this.held.get(digest);
    if (!bytes) throw new ObjectMissing(digest);
    return bytes;
  }
}

/** A deployment whose approval holds, of bytes with that digest. */
export function verified(digest: Digest, version = 1): VerifiedDeployment {
  const model = 'als-film';
  const place = { endpoint: 'film-recommend', storefronts: ['BR', 'JP'], model, version, digest };
  return {
    deployment: {
      ...place,
      id: `d-${version}`,
      approval: `a-${version}`,
      deployedBy: 'tarek',
      deployedAt: 1,
    },
    version: {
      ...{ model, version, digest, bytes: 1, run: 'r', task: 'fit', inputs: {}, authors: ['imke'] },
      ...{ evaluation: digest, card: digest, code: digest, parameters: {}, metrics: {} },
      ...{ createdBy: 'imke', createdAt: 1 },
    },
    approval: {
      ...{ id: `a-${version}`, proposal: 'p-1', model, version, approver: 'tarek' },
      envelope: { payloadType: '', payload: '', signatures: [{ keyid: '', sig: '' }] },
      ...{ signedAt: 1, expiresAt: 2, deployment: `d-${version}` },
    },
  };
}

/** An endpoint over a log in a folder of its own. */
export async function temporaryEndpoint(
  test: TestContext,
  options: Pick<EndpointOptions, 'verify' | 'objects'> & Partial<EndpointOptions>,
): Promise<Endpoint> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-endpoint-'));
  const io = realIo();
  const log = await openPredictionLog({ io, folder: join(folder, 'predictions') });
  test.after(async () => {
    await log.close();
    await rm(folder, { recursive: true });
  });
  return new Endpoint({
    ...{ workspace: 'lumen', name: 'film-recommend', clock: io.clock, log },
    openScorer: tableScorer,
    ...options,
  });
}
