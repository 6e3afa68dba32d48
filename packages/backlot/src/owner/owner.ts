import { join } from 'node:path';
import { consoleFolder } from '@backlot/console';
import { createId, type Digest, DurabilityLost, type Io } from '@backlot/core';
import { contractData, registerTable } from '@backlot/data';
import { localExecutor, Scheduler } from '@backlot/pipelines';
import { openRegistry } from '@backlot/registry';
import {
  apiRoutes,
  assertSwept,
  authenticateWith,
  authorizeWith,
  createListener,
  exportLineage,
  type Listener,
  Metrics,
  readStaticFiles,
  type ServerEvent,
  type Services,
  sweep,
} from '@backlot/server';
import { Endpoints, openPredictionLog, type PredictionLog } from '@backlot/serving';
import { ledgerSigner, signCheckpoint } from '@backlot/store';
import { builtInEffects } from '@backlot/tasks';
import type { Project } from '../project.ts';
import { version } from '../version.ts';
import { approvalAuthority, policyDigest } from './authority.ts';
import { definitionsOf, type ProjectDefinitions } from './definitions.ts';
import { loadEndpoints } from './endpoints.ts';
import {
  type Credentials,
  ensureCredentials,
  foundPeople,
  localPeople,
  localWorkspace,
  type People,
} from './people.ts';
import { ownerQuality } from './quality.ts';
import { enforceRetention } from './retention.ts';
import { inRounds, type Rounds } from './rounds.ts';
import { ownerServices } from './services.ts';
import { resolveSource } from './sources.ts';
import { openState, type State } from './state.ts';
import type { Storage } from './storage.ts';

export interface OwnerOptions {
  readonly io: Io;
  readonly home: string;
  readonly project: Project;
  /** The port to begin looking at; 0 takes any free one. */
  readonly port: number;
  /** Whether the console is served. */
  readonly console: boolean;
  /** The `PATH` that workers get. */
  readonly path: string;
  /** Where metadata and objects are kept. */
  readonly storage: Storage;
  /** How many workers run at once. */
  readonly workers?: number;
  readonly log: (event: ServerEvent) => void;
  /** Called when the process cannot go on: what is durable is no longer known, or the scheduler stopped. */
  readonly onFault: (error: unknown) => void;
}

/** The process that owns a state folder, with all that it runs. */
export interface Owner {
  readonly state: State;
  readonly services: Services;
  readonly listener: Listener;
  readonly people: People;
  readonly credentials: Credentials;
  readonly address: string;
  /** How many routes the start-up sweep called, and how often. */
  readonly swept: { readonly routes: number; readonly calls: number };
  /** Stops in order: requests, workers, endpoints, state. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Opens a state folder and everything over it, sweeps every route without a token, and listens.
 *
 * @throws StateFolderOwned when another process owns the folder
 */
export async function openOwner(options: OwnerOptions): Promise<Owner> {
  const state = await openState(options.io, options.home, options.storage);
  try {
    return await openOver(state, options);
  } catch (error) {
    await state.close();
    throw error;
  }
}

async function openOver(state: State, options: OwnerOptions): Promise<Owner> {
  const { io, project } = options;
  const { metadata, objects, keys, access, folder } = state;
  const people = await foundPeople(access, project.name);
  const credentials = await ensureCredentials(io, folder.paths.credentials, access, people);
  const approvers = (Object.keys(localPeople) as (keyof People)[]).filter((name) =>
    people[name].roles.includes('approver'),
  );
  const authority = await approvalAuthority(io, access, keys, approvers);
  const registry = openRegistry({ metadata, objects, clock: io.clock, authority });
  const log = await openPredictionLog({ io, folder: folder.paths.predictions });
  const endpoints = new Endpoints();
  const definitions = definitionsOf(project);
  await registerTables(state, people, definitions);
  // Workers make no keys: those that tasks need are there before the first one starts.
  await keys.pseudonymiser(localWorkspace);
  await keys.subjectKeys(localWorkspace);
  const discarded = new Set<Digest>();
  let listener: Listener | undefined;
  const scheduler = openScheduler(state, {
    ...{ options, people, definitions },
    api: () => listener!.address,
    discard: (digest) => void discarded.add(digest),
  });
  const services = await ownerServices({
    ...{ state, registry, authority, scheduler, definitions, endpoints, log, project, version },
    home: options.home,
  });
  listener = await openListener(services, options);
  const swept = await sweep(listener);
  assertSwept(swept);
  await loadEndpoints({ metadata, registry, endpoints, objects, log, clock: io.clock });
  const address = await listener.listen();
  await folder.announce(address);
  await scheduler.start();
  const rounds = startRounds({ state, people, endpoints, discarded, options });
  return {
    ...{ state, services, listener, people, credentials, address },
    swept: { routes: swept.routes, calls: swept.calls },
    close: ({ graceMs = 10_000 } = {}) =>
      closeOwner({
        state,
        scheduler,
        listener: listener!,
        log,
        rounds,
        graceMs,
      }),
  };
}

/** Makes the contracts of the project known, so that its tables are there before their first rows. */
async function registerTables(
  { metadata, io }: State,
  { owner }: People,
  { tables }: ProjectDefinitions,
): Promise<void> {
  await metadata.write(async (tx) => {
    for (const table of tables) {
      await registerTable(tx, owner, { contract: contractData(table), at: io.clock.now() });
    }
  });
}

interface SchedulerParts {
  readonly options: OwnerOptions;
  readonly people: People;
  readonly definitions: ProjectDefinitions;
  /** Where workers reach the control port. */
  readonly api: () => string;
  readonly discard: (digest: Digest) => void;
}

/** The scheduler, with workers as processes of this very program. */
function openScheduler(state: State, parts: SchedulerParts): Scheduler {
  const { io, metadata, objects, keys } = state;
  const { options, people, definitions, api, discard } = parts;
  const { home, project, path, workers, onFault, storage } = options;
  return new Scheduler({
    ...{ io, metadata, objects, definitions, home, onFault },
    executor: localExecutor({
      processes: io.processes,
      command: [process.execPath, join(import.meta.dirname, '../../../../bin/backlot.js')],
      ...{ api, home, path, owner: process.pid, cwd: project.folder },
      environment: storage.workerEnvironment,
      issueToken: (launch) => issueAttemptToken(state, people, launch),
    }),
    effects: builtInEffects({ objects, keys, clock: io.clock, policy: policyDigest, discard }),
    resolveSource: resolveSource(metadata, objects, ownerQuality(state, definitions.tables)),
    clockPrincipal: people.author,
    onUnreachable: (error) => told(options, error),
    ...(workers !== undefined && { workers }),
  });
}

/** The one listener over every route; it is not open yet. */
async function openListener(services: Services, options: OwnerOptions): Promise<Listener> {
  const { clock, random, files } = options.io;
  const metrics = new Metrics();
  return createListener({
    routes: apiRoutes(services, metrics),
    authenticate: authenticateWith(services.access),
    authorize: authorizeWith(services),
    ...(options.console && { staticFiles: await readStaticFiles(files, consoleFolder) }),
    workspaces: [localWorkspace],
    ...{ port: options.port, clock, random, metrics },
    log: (event) => {
      if (event.event === 'failed' && event.error instanceof DurabilityLost) {
        options.onFault(event.error);
      }
      options.log(event);
    },
  });
}

/** A worker's token is good for its attempt alone, and for no longer than an attempt may take. */
async function issueAttemptToken(
  { access }: State,
  people: People,
  launch: { readonly run: string; readonly node: string; readonly attempt: string },
): Promise<string> {
  const { run, node: task, attempt } = launch;
  const issued = await access.tokens.issue(people.owner, {
    ...{ principal: 'worker', lifetimeMs: 24 * 3_600_000 },
    attempt: { run, task, attempt },
  });
  return issued.text;
}

interface RoundsParts {
  readonly state: State;
  readonly people: People;
  readonly endpoints: Endpoints;
  readonly discarded: Set<Digest>;
  readonly options: OwnerOptions;
}

/** What comes again and again beside requests and runs. */
function startRounds(parts: RoundsParts): Rounds {
  const { onFault } = parts.options;
  const { clock } = parts.state.io;
  const onUnreachable = (error: unknown): void => told(parts.options, error);
  const rounds = [
    { everyMs: 30_000, round: upkeep(parts) },
    { everyMs: 5_000, round: lineage(parts) },
    // Not at once: an owner that starts has deliveries to make, which a rewritten table would refuse.
    { everyMs: retentionMs, firstAfterMs: retentionMs, round: retention(parts) },
  ].map((one) => inRounds({ ...one, clock, onUnreachable, onFault }));
  return {
    stop: async () => {
      for (const one of rounds) await one.stop();
    },
  };
}

const retentionMs = 10 * 60_000;

/** What went wrong beside any request, and will be tried again. */
function told({ io, log }: OwnerOptions, error: unknown): void {
  log({ event: 'failed', requestId: createId(io.random), error });
}

type Round = (signal: AbortSignal) => Promise<void>;

/** Signs checkpoints, checks that what is served may still be, removes what was only in transit. */
function upkeep({ state, endpoints, discarded }: RoundsParts): Round {
  const { objects } = state;
  return async () => {
    await signLedger(state);
    for (const endpoint of endpoints.list(localWorkspace)) await endpoint.check();
    for (const digest of discarded) {
      await objects.remove(digest);
      discarded.delete(digest);
    }
  };
}

async function signLedger({ io, metadata, keys }: State): Promise<void> {
  const signer = await keys.signer(ledgerSigner);
  await signCheckpoint({ metadata, signer, clock: io.clock });
}

/** Tells another server of runs, where the project names one. */
function lineage({ state, people, options }: RoundsParts): Round {
  const { metadata, io } = state;
  const to = options.project.lineage;
  const from = { metadata, actor: people.owner, clock: io.clock, version };
  return async (signal) => {
    if (to) await exportLineage({ ...from, ...to, fetch: globalThis.fetch, signal });
  };
}

/** Looks for tables whose retention is due: each has its turn once a day. */
function retention({ state, people, options }: RoundsParts): Round {
  const failed = (table: string, error: unknown): void => {
    if (error instanceof DurabilityLost) options.onFault(error);
    options.log({ event: 'failed', requestId: `retention/${table}`, error });
  };
  return (signal) => enforceRetention(state, people, { signal, failed });
}

interface Open {
  readonly state: State;
  readonly scheduler: Scheduler;
  readonly listener: Listener;
  readonly log: PredictionLog;
  readonly rounds: Rounds;
  readonly graceMs: number;
}

/** Workers still need the control port while they stop, so the listener goes after them. */
async function closeOwner(open: Open): Promise<void> {
  await open.scheduler.stop();
  await open.listener.close({ graceMs: open.graceMs });
  await open.rounds.stop();
  await signLedger(open.state);
  await open.log.close();
  await open.state.close();
}
