import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Access, accessSchema, openAccess, type Principal, type Role } from '@backlot/access';
import { realIo } from '@backlot/core';
import {
  dataSchema,
  deliver,
  int,
  key,
  openSnapshot,
  profileSnapshot,
  publishSnapshot,
  readManifest,
  recordDelivery,
  subject,
  table,
} from '@backlot/data';
import { pipelinesSchema } from '@backlot/pipelines';
import { registrySchema } from '@backlot/registry';
import {
  ledgerSigner,
  type Metadata,
  openFileObjects,
  openKeys,
  openSqliteMetadata,
  signCheckpoint,
} from '@backlot/store';
import { createListener, type Listener } from '../listener.ts';
import { attemptRoutes } from './attempt-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { authenticateWith, authorizeWith } from './resource-facts.ts';
import type { DeliveredFile, Services } from './services.ts';
import { sessionRoutes } from './session-routes.ts';
import { stateRoutes } from './state-routes.ts';
import { tableRoutes } from './table-routes.ts';
import { tokenRoutes } from './token-routes.ts';

export const plays = table(
  'plays',
  { account: subject(), item: key('item'), ms: int().min(0) },
  { purposes: ['measure'], maxBadShare: 0.6 },
);

/** Parsed JSON, which the assertions hold against what they expect. */
// biome-ignore lint/suspicious/noExplicitAny: the contract has checked it, the test reads into it.
export type Answer = any;

export interface HandlersWorld {
  readonly access: Access;
  readonly metadata: Metadata;
  readonly listener: Listener;
  readonly admin: Principal;
  /** Files that were handed over to be checked. */
  readonly delivered: DeliveredFile[];
  /** A token for a new person of these roles. */
  person(id: string, roles: readonly Role[]): Promise<string>;
  /** Sends a request as the holder of a token; answers the status and the body. */
  ask(
    token: string | undefined,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Answer; cookie: string | undefined }>;
  /** Checks and publishes rows, as a run would. */
  publish(rows: string): Promise<void>;
}

/** The handlers over real metadata, objects, keys and access in a folder that is gone afterwards. */
export async function handlersWorld(t: TestContext): Promise<HandlersWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-handlers-'));
  const io = realIo();
  const metadata = await openSqliteMetadata({
    path: join(folder, 'metadata.sqlite'),
    clock: io.clock,
    schemas: [accessSchema, dataSchema, pipelinesSchema, registrySchema],
  });
  t.after(async () => {
    await metadata.close();
    await rm(folder, { recursive: true });
  });
  const objects = await openFileObjects(io, join(folder, 'objects'));
  const access = openAccess(metadata, io);
  const place = { organisation: 'acme', workspace: 'store', project: 'main' };
  const admin = await access.principals.found({ ...place, admin: 'ada' });
  const signer = await openKeys(io, join(folder, 'keys')).signer(ledgerSigner);
  const delivered: DeliveredFile[] = [];
  const scratch = join(folder, 'scratch');
  // Only the parts that these routes reach; running and serving have tests of their own.
  const services = {
    ...{ io, version: '1.2.3', metadata, objects, access, tables: [plays] },
    profile: async (digest) =>
      profileSnapshot(await openSnapshot(objects, digest, { purpose: 'measure' }), {
        ...{ io, memoryMiB: 256, threads: 1, scratch },
      }),
    deliver: async (_principal, file) => `run-${delivered.push(file)}`,
    ledgerKeys: { [signer.id]: signer.publicKey },
    signCheckpoint: async () => {
      await signCheckpoint({ metadata, signer, clock: io.clock });
    },
    collectGarbage: async (dryRun) => ({ kept: 1, removed: dryRun ? 0 : 2, bytes: 3 }),
  } satisfies Partial<Services> as unknown as Services;
  const listener = createListener({
    routes: [
      ...sessionRoutes(services),
      ...tableRoutes(services),
      ...auditRoutes(services),
      ...tokenRoutes(services),
      ...stateRoutes(services),
      ...attemptRoutes(services),
    ],
    authenticate: authenticateWith(access),
    authorize: authorizeWith(services),
    port: 4_000,
    ...{ clock: io.clock, random: io.random, log: () => undefined },
  });
  listener.inner.server.unref();
  const origin = 'http://127.0.0.1:4000';
  return {
    ...{ access, metadata, listener, admin, delivered },
    person: async (id, roles) => {
      const person = await access.principals.create(admin, { id, kind: 'person', roles });
      return (await access.tokens.issue(person, { principal: id, lifetimeMs: 60_000 })).text;
    },
    ask: async (token, method, path, body) => {
      const bytes = typeof body === 'string';
      const answer = await listener.inner.inject({
        method,
        url: `/api/v1${path}`,
        headers: {
          ...{ host: '127.0.0.1:4000', origin, 'x-backlot': '1' },
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && {
            'content-type': bytes ? 'application/octet-stream' : 'application/json',
          }),
        },
        ...(body !== undefined && { payload: bytes ? body : JSON.stringify(body) }),
      });
      const cookie = answer.headers['set-cookie'];
      return {
        status: answer.statusCode,
        body: answer.json(),
        cookie: typeof cookie === 'string' ? cookie : undefined,
      };
    },
    publish: async (rows) => {
      const path = join(folder, 'source.csv');
      await writeFile(path, rows);
      const pseudonym = (raw: string) => createHmac('sha256', 'test').update(raw).digest('hex');
      const outcome = await deliver({
        ...{ io, objects, contract: plays, source: { path, format: 'csv' }, scratch },
        pseudonyms: { pseudonym },
        sealSubjects: async (raws) =>
          raws.map((raw) => ({ pseudonym: pseudonym(raw), sealed: Uint8Array.of(1) })),
      });
      const { manifest: digest, receipt, receiptDigest } = outcome;
      if (!digest) throw new Error(`the delivery was ${receipt.status}`);
      const manifest = await readManifest(objects, digest);
      await metadata.write(async (tx) => {
        await publishSnapshot(tx, admin, { digest, manifest, at: 5 });
        await recordDelivery(tx, admin, { receipt, receiptDigest, at: 5 });
      });
    },
  };
}
