import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Access, accessSchema, openAccess, type Principal, type Role } from '@backlot/access';
import { digestOf, digestOfBytes, present, realIo } from '@backlot/core';
import {
  dataSchema,
  deliver,
  deliveryLineage,
  int,
  key,
  lineageSchema,
  openSnapshot,
  profileSnapshot,
  publishSnapshot,
  type QualityParts,
  readManifest,
  recordDelivery,
  recordMaking,
  subject,
  type Table,
  table,
} from '@backlot/data';
import {
  cron,
  inProcessExecutor,
  jsonArtifact,
  type Pipeline,
  pipeline,
  pipelinesSchema,
  runWorker,
  Scheduler,
  task,
  workerExitCodes,
} from '@backlot/pipelines';
import {
  type ApprovalAuthority,
  cardBytes,
  cardDigest,
  findApproval,
  keyringOf,
  type ModelVersion,
  modelCard,
  openRegistry,
  type Proposal,
  registrySchema,
} from '@backlot/registry';
import { Endpoint, Endpoints, encodeBundle, openPredictionLog } from '@backlot/serving';
import {
  backupState,
  type Keys,
  ledgerSigner,
  type Metadata,
  openFileObjects,
  openKeys,
  openSqliteMetadata,
  signCheckpoint,
  statePaths,
  subjectSchema,
} from '@backlot/store';
import * as z from 'zod';
import { attemptContracts } from '../api/attempts.ts';
import { contracts } from '../api/contracts.ts';
import { createListener, type Listener } from '../listener.ts';
import { Metrics } from '../metrics.ts';
import type { ServerEvent } from '../ports.ts';
import { type Client, client } from '../typed-client.ts';
import { attemptRoutes } from './attempt-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { fixtureFeatures } from './features.fixture.ts';
import { authenticateWith, authorizeWith } from './resource-facts.ts';
import { apiRoutes } from './routes.ts';
import type { BackupReport, DeliveredFile, Services } from './services.ts';
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

function qualityParts({
  folder,
  ...rest
}: Pick<QualityParts, 'io' | 'metadata' | 'objects'> & { readonly folder: string }): QualityParts {
  const scratch = join(folder, 'quality');
  return { ...rest, memoryMiB: 256, threads: 1, scratch, rulesOf: () => undefined };
}

/** The handlers over real metadata, objects, keys and access in a folder that is gone afterwards. */
export async function handlersWorld(t: TestContext): Promise<HandlersWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-handlers-'));
  const io = realIo();
  const metadata = await openSqliteMetadata({
    path: join(folder, 'metadata.sqlite'),
    clock: io.clock,
    schemas: [accessSchema, dataSchema, lineageSchema, pipelinesSchema, registrySchema],
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
    quality: qualityParts({ io, metadata, objects, folder }),
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
      await publishRows({ io, objects, metadata, folder }, admin, plays, rows);
    },
  };
}

type Store = Pick<Services, 'io' | 'objects' | 'metadata'> & { readonly folder: string };

/** Checks rows of CSV and publishes what is good of them; answers the delivery's id. */
async function publishRows(
  { io, objects, metadata, folder }: Store,
  actor: Principal,
  contract: Table,
  rows: string,
): Promise<string> {
  const path = join(folder, `${contract.name}.csv`);
  await writeFile(path, rows);
  const pseudonym = (raw: string) => createHmac('sha256', 'test').update(raw).digest('hex');
  const outcome = await deliver({
    ...{ io, objects, contract, source: { path, format: 'csv' }, pseudonyms: { pseudonym } },
    scratch: join(folder, `${contract.name}-scratch`),
    sealSubjects: async (raws) =>
      raws.map((raw) => ({ pseudonym: pseudonym(raw), sealed: Uint8Array.of(1) })),
  });
  const { manifest: digest, receipt, receiptDigest } = outcome;
  if (!digest) throw new Error(`the delivery was ${receipt.status}`);
  const manifest = await readManifest(objects, digest);
  return metadata.write(async (tx) => {
    await publishSnapshot(tx, actor, { digest, manifest, at: 5 });
    const delivery = await recordDelivery(tx, actor, { receipt, receiptDigest, at: 5 });
    const { table: name, contract: data } = manifest;
    await recordMaking(
      tx,
      actor,
      {
        ...{ snapshot: digest, table: name, kind: 'delivery', job: 'deliver.file', delivery },
        ...{ inputs: {}, columns: deliveryLineage(data), at: 5 },
      },
      { contract: data, provider: receipt.provider },
    );
    return delivery;
  });
}

const workspaces = ['store', 'archive'] as const;
export type Workspace = (typeof workspaces)[number];

const people = {
  owner: ['admin', 'approver', 'operator', 'auditor', 'steward', 'viewer'],
  author: ['author', 'steward', 'operator'],
  approver: ['approver', 'operator', 'auditor'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;
type Person = keyof typeof people;

export type Api = Client<typeof contracts>;

/** A workspace with its people, and one of everything that an address can name. */
export interface Tenant {
  readonly people: Readonly<Record<Person, Principal>>;
  readonly tokens: Readonly<Record<Person, string>>;
  readonly api: Readonly<Record<Person, Api>>;
  readonly ids: Readonly<Record<NamedId, string>>;
}

export type NamedId =
  | 'run'
  | 'task'
  | 'model'
  | 'version'
  | 'endpoint'
  | 'table'
  | 'delivery'
  | 'prediction'
  | 'token'
  | 'attempt'
  | 'position'
  | 'view';

/** Two workspaces in the same metadata, behind one listener with every route. */
export interface TenantsWorld {
  readonly services: Services;
  readonly metadataPath: string;
  readonly listener: Listener;
  readonly events: readonly ServerEvent[];
  readonly tenants: Readonly<Record<Workspace, Tenant>>;
  /** A listener over the same routes that holds the first workspace alone. */
  readonly narrow: Listener;
  readonly switches: Switches;
  as(token: string): Api;
  worker(token: string): Client<typeof attemptContracts>;
  /** Registers another version of a workspace's model and proposes it as its author. */
  propose(workspace: Workspace): Promise<{ version: ModelVersion; proposal: Proposal }>;
}

/**
 * Makes the second task of the pipeline fail, or wait until it is told to stop; when it is parked,
 * nobody works on it but the test.
 */
export interface Switches {
  second: 'works' | 'fails' | 'waits' | 'parked';
}

/** Everything that the owner composes, with workers inside this process. */
export async function tenantsWorld(t: TestContext): Promise<TenantsWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'backlot-tenants-'));
  const io = realIo();
  const metadataPath = join(folder, 'metadata.sqlite');
  const metadata = await openSqliteMetadata({
    ...{ path: metadataPath, clock: io.clock },
    schemas: [
      accessSchema,
      subjectSchema,
      dataSchema,
      lineageSchema,
      pipelinesSchema,
      registrySchema,
    ],
  });
  const objects = await openFileObjects(io, join(folder, 'objects'));
  const keys = openKeys(io, join(folder, 'keys'));
  const access = openAccess(metadata, io);
  const authority = await authorityOf({ io, access, keys });
  const registry = openRegistry({ metadata, objects, clock: io.clock, authority });
  const log = await openPredictionLog({ io, folder: join(folder, 'predictions') });
  const switches: Switches = { second: 'works' };
  const definitions = { pipelines: [twoTasks(switches)] };
  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  const scheduler: Scheduler = new Scheduler({
    ...{ io, metadata, objects, home: folder, definitions, effects: {}, onFault },
    resolveSource: async () => Promise.reject(new Error('no source is asked for')),
    executor: inProcessExecutor((launch, signal) => {
      if (switches.second === 'parked' && launch.node === 'second') return parked(signal);
      return runWorker({
        ...{ reference: launch.reference, definitions, objects, io, signal, onFault },
        control: scheduler.control(launch.principal),
        environment: { BACKLOT_ATTEMPT: launch.attempt, BACKLOT_HOME: folder },
      });
    }),
  });
  await scheduler.start();
  const ledgerKey = await keys.signer(ledgerSigner);
  const endpoints = new Endpoints();
  const services: Services = {
    ...{ io, version: '1.2.3', metadata, objects, access, registry, authority, scheduler },
    ...{ definitions, home: folder, endpoints, tables: [playsOf('store')] },
    project: { name: 'films', title: 'Films' },
    pseudonymiser: (workspace) => keys.pseudonymiser(workspace),
    profile: async (digest) =>
      profileSnapshot(await openSnapshot(objects, digest, { purpose: 'measure' }), {
        ...{ io, memoryMiB: 256, threads: 1, scratch: join(folder, 'profile') },
      }),
    quality: qualityParts({ io, metadata, objects, folder }),
    ...fixtureFeatures(io.clock),
    deliver: (principal) => scheduler.startRun(principal, { pipeline: 'pair' }),
    deploy: async (principal, { endpoint, model, version }) => {
      const held = endpoints.get(principal.workspace, endpoint);
      const approval = await approvalFor(services, principal, model, version);
      await registry.deploy(principal, { endpoint, model, version, storefronts: ['BR'], approval });
      await held.load();
      return held;
    },
    ledgerKeys: { [ledgerKey.id]: ledgerKey.publicKey },
    signCheckpoint: async () => {
      await signCheckpoint({ metadata, signer: ledgerKey, clock: io.clock });
    },
    backUp: () => backUp(services),
    collectGarbage: async () => ({ kept: 0, removed: 0, bytes: 0 }),
  };
  const events: ServerEvent[] = [];
  const listenerFor = (held: readonly string[]) =>
    createListener({
      routes: apiRoutes(services, new Metrics()),
      ...{ authenticate: authenticateWith(access), authorize: authorizeWith(services) },
      ...{ workspaces: held, port: 4_200, clock: io.clock, random: io.random },
      log: (event) => void events.push(event),
    });
  t.after(async () => {
    await scheduler.stop();
    await log.close();
    await metadata.close();
    await rm(folder, { recursive: true });
    if (faults.length > 0) throw faults[0];
  });
  const listener = listenerFor(workspaces);
  const { address: baseUrl, fetch } = listener;
  const as = (token: string) => client(contracts, { baseUrl, fetch, token });
  const parts = { services, as, folder, log };
  const [store, archive] = await Promise.all([
    openTenant('store', parts),
    openTenant('archive', parts),
  ]);
  const tenants = { store, archive };
  return {
    ...{ services, metadataPath, listener, events, narrow: listenerFor(['store']), switches, as },
    tenants,
    worker: (token) => client(attemptContracts, { baseUrl, fetch, token }),
    propose: (workspace) => proposeVersion(services, tenants[workspace].people.author),
  };
}

/** A worker that does nothing until it is told to stop. */
async function parked(signal: AbortSignal): Promise<number> {
  if (!signal.aborted) await once(signal, 'abort');
  return workerExitCodes.done;
}

/** A backup of the world's folder, beside what it holds. */
async function backUp({ io, objects, home }: Services): Promise<BackupReport> {
  const [paths, target] = [statePaths(home), join(home, 'backup')];
  const { files, ledger, kind, version, at } = await backupState({ io, paths, objects, target });
  return {
    ...{ name: 'backup', manifest: digestOf({ kind, version, at, ledger, files }) },
    ...{ entries: ledger.size, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) },
    objects: files.filter(({ path }) => path.startsWith('objects/')).length,
  };
}

interface TenantParts {
  readonly services: Services;
  readonly as: (token: string) => Api;
  readonly folder: string;
  readonly log: Awaited<ReturnType<typeof openPredictionLog>>;
}

async function openTenant(workspace: Workspace, parts: TenantParts): Promise<Tenant> {
  const { services, as, folder, log } = parts;
  const { access, metadata, registry, endpoints, objects, io } = services;
  const found = await foundPeople(access, workspace);
  const token = async (person: Principal) =>
    access.tokens.issue(person, { principal: person.id, lifetimeMs: hourMs });
  const issued = {
    owner: await token(found.owner),
    author: await token(found.author),
    approver: await token(found.approver),
  };
  const api = {
    owner: as(issued.owner.text),
    author: as(issued.author.text),
    approver: as(issued.approver.text),
  };
  const contract = playsOf(workspace);
  const rows = 'account,item,ms\na,x,1\nb,y,-2\nc,z,3\n';
  const delivery = await publishRows({ ...services, folder }, found.author, contract, rows);
  const { version, proposal } = await proposeVersion(services, found.author);
  const { model, digest, evaluation, card } = version;
  await registry.approve(found.approver, {
    ...{ proposal: proposal.id, reason: 'first', seen: { digest, evaluation, card } },
    expiresAt: io.clock.now() + hourMs,
  });
  const endpoint = `${workspace}-films`;
  endpoints.add(
    workspace,
    new Endpoint({
      ...{ workspace, name: endpoint, objects, log, clock: io.clock },
      verify: () => registry.verify(workspace, endpoint),
      openScorer: () => ({
        rank: (_account, { k }) => {
          const items = Int32Array.of(0, 1).slice(0, k);
          return { items, scores: Float32Array.from(items, (item) => 1 / (1 + item)) };
        },
      }),
    }),
  );
  await services.deploy(found.owner, { endpoint, model, version: version.version });
  const { prediction } = await endpoints.get(workspace, endpoint).recommend({ history: [], k: 2 });
  const { run } = await api.author.startRun({ params: { pipeline: 'pair' }, body: {} });
  const state = 'SELECT state FROM pipeline_runs WHERE id = ?';
  while ((await metadata.get<{ state: string }>(state, run))?.state !== 'succeeded') {
    await io.clock.sleep(10);
  }
  const attempt = await metadata.get<{ id: string }>(
    ...(['SELECT id FROM pipeline_attempts WHERE workspace = ?', workspace] as const),
  );
  const entry = (await api.owner.listAudit({ query: { limit: 1 } })).entries[0];
  const position = String(present(entry, 'an entry').position);
  return {
    ...{ people: found, api },
    tokens: {
      owner: issued.owner.text,
      author: issued.author.text,
      approver: issued.approver.text,
    },
    ids: {
      ...{ run, task: 'first', model, version: String(version.version), endpoint, delivery },
      ...{ table: contract.name, prediction, token: issued.author.id, position },
      attempt: present(attempt, 'an attempt').id,
      view: `${workspace}-listening`,
    },
  };
}

const hourMs = 3_600_000;

async function foundPeople(
  access: Access,
  workspace: string,
): Promise<Readonly<Record<Person, Principal>>> {
  const owner = await access.principals.found({
    ...{ organisation: 'acme', workspace, project: 'films', admin: 'owner', roles: people.owner },
  });
  const create = (id: 'author' | 'approver') =>
    access.principals.create(owner, { id, kind: 'person', roles: people[id] });
  return { owner, author: await create('author'), approver: await create('approver') };
}

function playsOf(workspace: Workspace): Table {
  return table(
    `${workspace}-plays`,
    { account: subject(), item: key('item'), ms: int().min(0) },
    { purposes: ['measure'], maxBadShare: 0.6 },
  );
}

/**
 * A task's version is the digest of its module and of all that it imports, which for this file is
 * nearly the whole tree: too much to read for each world. The tasks stand in as a small file's.
 */
const module = new URL('./shown-json.ts', import.meta.url).href;
const numbers = jsonArtifact('numbers', z.array(z.number()));

function twoTasks(switches: Switches): Pipeline {
  const first = task({
    ...{ name: 'first', module, cache: false },
    parameters: z.strictObject({ label: z.string() }),
    outputs: { numbers },
    run: async ({ context, parameters }) => {
      context.log(`counting for ${parameters.label}`);
      return { numbers: [1, 2] };
    },
  });
  const second = task({
    ...{ name: 'second', module, cache: false, retries: 0 },
    inputs: { numbers },
    outputs: { numbers },
    run: async ({ context, inputs }) => {
      if (switches.second === 'fails') throw new Error('the second task was told to fail');
      if (switches.second === 'waits') await context.io.clock.sleep(hourMs, context.signal);
      const given = await inputs.numbers.read();
      return { numbers: given.map((number) => number * 2) };
    },
  });
  const parameters = z.strictObject({ label: z.string().default('nobody') });
  const schedule = cron('0 4 1 1 *', 'UTC');
  return pipeline('pair', { parameters, schedule, timeParameter: 'label' }, (run, { label }) =>
    run(second, { numbers: run(first, { label }).numbers }),
  );
}

/** The run as its stream tells it last. */
export async function lastOf(api: Api, run: string) {
  let last: Awaited<ReturnType<Api['readRun']>> | undefined;
  for await (const { data } of api.watchRun({ params: { run } })) last = data;
  return present(last, 'an event of the run');
}

async function authorityOf({
  io,
  access,
  keys,
}: Pick<Services, 'io' | 'access'> & { readonly keys: Keys }): Promise<ApprovalAuthority> {
  const { id: keyId, publicKey, sign } = await keys.signer('approver');
  return {
    signer: () => ({ keyId, sign }),
    keyring: keyringOf([{ keyId, owner: 'approver', publicKey }]),
    random: io.random,
    policy: digestOfBytes('policies'),
    standing: async (_reader, workspace, approver) =>
      (await access.principals.find(workspace, approver)) ? 'allowed' : 'removed',
  };
}

async function approvalFor(
  { metadata }: Services,
  { workspace }: Principal,
  model: string,
  version: number,
): Promise<string> {
  const row = await metadata.get<{ id: string }>(
    'SELECT id FROM proposals WHERE workspace = ? AND model = ? AND version = ?',
    ...[workspace, model, version],
  );
  const approval = row && (await findApproval(metadata, workspace, row.id));
  return approval?.id ?? 'none';
}

async function proposeVersion(
  { objects, registry, metadata }: Services,
  author: Principal,
): Promise<{ version: ModelVersion; proposal: Proposal }> {
  const { workspace } = author;
  const model = `${workspace}-als`;
  const known = await metadata.all(
    'SELECT version FROM model_versions WHERE workspace = ?',
    workspace,
  );
  const number = known.length + 1;
  const { digest, bytes } = await objects.put(
    encodeBundle({
      ...{
        estimator: 'table',
        specification: { number, workspace },
        inputs: {},
        users: ['0'.repeat(64)],
      },
      ...{ items: ['amber', 'basalt'], popularity: Float32Array.of(2, 1), storefronts: ['BR'] },
      seen: { users: 1, items: 2, offsets: Int32Array.of(0, 1), indices: Int32Array.of(0) },
      facts: ['Amber', 'Basalt'].map((title) => ({ title, genres: [], storefronts: ['BR'] })),
      model: Uint8Array.of(number),
    }),
  );
  const code = digestOfBytes('code');
  const evaluation = (await objects.put(Buffer.from(JSON.stringify({ of: digest })))).digest;
  const value = Math.min(0.1 * number, 0.9);
  const metric = { name: 'ndcg@20', value, low: 0.05, high: 0.9, level: 0.95 };
  const card = modelCard({
    ...{ model, task: 'recommend', estimator: 'table', bytes, digest, code, data: [] },
    ...{ parameters: { number }, intendedUse: 'rows', notFor: [], licence: 'Apache-2.0' },
    privacy: { unit: 'one account', differentiallyPrivate: false },
    evaluation: {
      ...{ digest: evaluation, protocol: 'temporal', slices: [], absentSlices: [] },
      metrics: [{ ...metric, accounts: 90 }],
    },
    limitations: [],
  });
  await objects.put(cardBytes(card));
  const version = await registry.registerVersion(author, {
    ...{ model, digest, bytes, run: 'run-1', task: 'fit', evaluation, code, inputs: {} },
    ...{ authors: [author.id], card: cardDigest(card), parameters: { number } },
    metrics: { 'ndcg@20': value },
  });
  const proposal = await registry.propose(author, {
    ...{ model, version: version.version, endpoint: `${workspace}-films`, storefronts: ['BR'] },
    ...{ note: 'try it', checks: [{ name: 'ndcg', status: 'passed', detail: 'better' }] },
  });
  return { version, proposal };
}
