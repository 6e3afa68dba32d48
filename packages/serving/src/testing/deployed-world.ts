import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Principal } from '@backlot/access';
import { type Digest, digestOfBytes, realIo } from '@backlot/core';
import {
  type ApproverStanding,
  type Deployment,
  keyringOf,
  openRegistry,
  type Registry,
  registrySchema,
} from '@backlot/registry';
import { type Objects, openFileObjects, openSqliteMetadata } from '@backlot/store';
import { type SimulatedClock, simulatedClock } from '@backlot/testing';
import { Endpoint } from '../endpoint.ts';
import { openPredictionLog, type PredictionLog } from '../prediction-log.ts';
import { tableScorer } from './bundle-fixture.ts';

const place = { organisation: 'lumen', workspace: 'lumen', project: 'film' } as const;
const author: Principal = { ...place, id: 'imke', kind: 'person', roles: ['author'] };
export const approver: Principal = {
  ...place,
  id: 'tarek',
  kind: 'person',
  roles: ['approver', 'operator'],
};

/** A registry, objects on a disk and an endpoint over them, as the program joins them. */
export interface DeployedWorld {
  readonly folder: string;
  readonly clock: SimulatedClock;
  readonly objects: Objects;
  readonly registry: Registry;
  readonly endpoint: Endpoint;
  /** Set to end the approver's good standing. */
  readonly standing: { now: ApproverStanding };
  /** Registers, proposes, approves for a day and deploys a bundle. */
  deploy(bundle: Uint8Array): Promise<Deployment>;
  /** The endpoint as a process that starts anew has it. */
  restart(): Promise<Endpoint>;
}

export async function deployedWorld(test: TestContext): Promise<DeployedWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-serving-'));
  const clock = simulatedClock({ startMs: 1_000_000 });
  const io = { ...realIo(), clock };
  const objects = await openFileObjects(realIo(), join(folder, 'objects'));
  const schemas = [registrySchema];
  const metadata = await openSqliteMetadata({
    path: join(folder, 'metadata.sqlite'),
    clock,
    schemas,
  });
  const standing: DeployedWorld['standing'] = { now: 'allowed' };
  const registry = openRegistry({ metadata, objects, clock, authority: authorityOf(standing) });
  const name = 'film-recommend';
  const logs: PredictionLog[] = [];
  const restart = async (): Promise<Endpoint> => {
    await logs.at(-1)?.close();
    const log = await openPredictionLog({ io, folder: join(folder, 'predictions') });
    logs.push(log);
    const verify = () => registry.verify('lumen', name);
    const openScorer = tableScorer;
    return new Endpoint({ workspace: 'lumen', name, verify, objects, openScorer, log, clock });
  };
  test.after(async () => {
    await logs.at(-1)?.close();
    await metadata.close();
    await rm(folder, { recursive: true });
  });
  const deploy = (bundle: Uint8Array) => deployBundle(registry, objects, clock, bundle);
  return { folder, clock, objects, registry, standing, deploy, restart, endpoint: await restart() };
}

async function deployBundle(
  registry: Registry,
  objects: Objects,
  clock: SimulatedClock,
  bundle: Uint8Array,
): Promise<Deployment> {
  const { digest, bytes } = await objects.put(bundle);
  const put = async (text: string): Promise<Digest> =>
    (await objects.put(Buffer.from(text))).digest;
  const facts = {
    evaluation: await put('evaluation'),
    card: await put('card'),
    code: digestOfBytes('code'),
  };
  const version = await registry.registerVersion(author, {
    ...{
      model: 'als-film',
      digest,
      bytes,
      run: 'run-1',
      task: 'fit',
      inputs: {},
      authors: ['imke'],
    },
    ...facts,
  });
  const target = {
    model: 'als-film',
    version: version.version,
    endpoint: 'film-recommend',
    storefronts: ['BR', 'JP'],
  };
  const proposal = await registry.propose(author, target);
  const expiresAt = clock.now() + 86_400_000;
  const approval = await registry.approve(approver, {
    proposal: proposal.id,
    reason: 'Better.',
    seen: version,
    expiresAt,
  });
  return registry.deploy(approver, { ...target, approval: approval.id });
}

function authorityOf(
  standing: DeployedWorld['standing'],
): Parameters<typeof openRegistry>[0]['authority'] {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const written = publicKey.export({ format: 'jwk' }).x!;
  return {
    signer: () => ({ keyId: 'key-1', sign: (bytes) => sign(null, bytes, privateKey) }),
    keyring: keyringOf([{ keyId: 'key-1', owner: 'tarek', publicKey: written }]),
    random: realIo().random,
    policy: digestOfBytes('policies'),
    standing: async () => standing.now,
  };
}
