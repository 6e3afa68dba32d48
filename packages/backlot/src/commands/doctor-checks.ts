import { dirname, join } from 'node:path';
import { openKernels } from '@backlot/compute';
import { consoleFolder } from '@backlot/console';
import type { Io } from '@backlot/core';
import { readStateOwner, statePaths } from '@backlot/store';
import { fileMode, freeBytes } from './file-facts.ts';
import { moment, size } from './show.ts';

/** What the doctor found of one thing. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do, where something is to be done. */
  readonly mend?: string;
}

/** Looks at the machine, at what was built, and at a state folder, which need not be there. */
export async function findings(io: Io, home: string): Promise<readonly Finding[]> {
  return [
    nodeVersion(process.versions.node),
    await attempt('sqlite', sqlite, 'use the Node.js that npm install brought'),
    await attempt('duckdb', duckdb, 'npm install'),
    await attempt('kernels', kernels, 'npm run prepare'),
    await builtConsole(io, consoleFolder),
    await stateFolder(io, home),
    await privateFiles(io, home),
    await freeSpace(io, home),
    await clockTime(io, home),
    await chromium(io, process.platform),
  ];
}

const leastNode = 26;

/** Types are stripped and SQLite is built in from this version on. */
function nodeVersion(version: string): Finding {
  const enough = Number(version.split('.')[0]) >= leastNode;
  return {
    ...{ name: 'node', state: enough ? 'ok' : 'fail', found: version },
    ...(!enough && { mend: `install Node.js ${leastNode} or newer, or npm install here` }),
  };
}

/** Something that works or says why not: whatever it throws is what was to be found. */
async function attempt(name: string, work: () => Promise<string>, mend: string): Promise<Finding> {
  try {
    return { name, state: 'ok', found: await work() };
  } catch (error) {
    const found = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    return { name, state: 'fail', found, mend };
  }
}

async function sqlite(): Promise<string> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(':memory:');
  try {
    return String(database.prepare('SELECT sqlite_version() AS version').get()?.version);
  } finally {
    database.close();
  }
}

async function duckdb(): Promise<string> {
  const { version } = await import('@duckdb/node-api');
  return version();
}

async function kernels(): Promise<string> {
  await using session = await openKernels({ threads: 1 });
  return `built, ${session.threads} thread`;
}

async function builtConsole(io: Io, folder: string): Promise<Finding> {
  const built = (await io.files.stat(join(folder, 'index.html'))) !== undefined;
  return built
    ? { name: 'console', state: 'ok', found: 'built' }
    : { name: 'console', state: 'warn', found: 'not built', mend: 'npm run prepare' };
}

async function stateFolder(io: Io, home: string): Promise<Finding> {
  const name = 'state folder';
  if (!(await io.files.stat(home))) {
    return { name, state: 'warn', found: `none at ${home}`, mend: 'backlot start makes one' };
  }
  const owner = await readStateOwner(io, home);
  const who = owner ? `owned by process ${owner.pid}` : 'nobody owns it';
  return {
    name,
    state: 'ok',
    found: `${home}, layout ${await layoutOf(io, home)}, ${who}${owner?.address ? `, ${owner.address}` : ''}`,
  };
}

/** The layout's version as the folder states it. */
async function layoutOf(io: Io, home: string): Promise<string> {
  const path = join(home, 'layout');
  if (!(await io.files.stat(path))) return 'unknown';
  return Buffer.from(await io.files.read(path, { limitBytes: 64 }))
    .toString()
    .trim();
}

/** Keys and credentials that others than their owner may read or write. */
async function privateFiles(io: Io, home: string): Promise<Finding> {
  const { keys, credentials } = statePaths(home);
  const paths = (await io.files.list(keys)).map((file) => join(keys, file));
  if (await io.files.stat(credentials)) paths.push(credentials);
  const modes = await Promise.all(
    paths.map(async (path) => ({ path, mode: await fileMode(path) })),
  );
  const open = modes.filter(({ mode }) => (mode & 0o077) !== 0);
  if (open.length === 0)
    return { name: 'keys', state: 'ok', found: `${paths.length} private files` };
  return {
    ...{ name: 'keys', state: 'fail', found: `others may open ${open.length} of them` },
    mend: `chmod 600 ${open.map(({ path }) => path).join(' ')}`,
  };
}

const enoughBytes = 2 * 1024 ** 3;

async function freeSpace(io: Io, home: string): Promise<Finding> {
  const folder = (await io.files.stat(home)) ? home : dirname(home);
  const bytes = await freeBytes(folder);
  const name = 'free space';
  if (bytes === undefined) return { name, state: 'warn', found: 'cannot be told here' };
  if (bytes >= enoughBytes) return { name, state: 'ok', found: size(bytes) };
  return { name, state: 'warn', found: size(bytes), mend: 'free some space, or run backlot gc' };
}

const toleratedMs = 60_000;

/** Leases, expiries and approvals compare times: a clock that went back makes them last too long. */
async function clockTime(io: Io, home: string): Promise<Finding> {
  const now = io.clock.now();
  const written = (await io.files.stat(statePaths(home).metadata))?.modifiedAt ?? 0;
  const name = 'clock';
  if (written - now <= toleratedMs) return { name, state: 'ok', found: moment(now) };
  return {
    ...{ name, state: 'fail', found: `${moment(now)}, and state was written ${moment(written)}` },
    mend: 'set the clock of this machine',
  };
}

const chromiumPath = '/usr/bin/chromium';

/** Nothing but the console's own tests needs a browser on this machine. */
async function chromium(io: Io, platform: NodeJS.Platform): Promise<Finding> {
  const name = 'chromium';
  if (await io.files.stat(chromiumPath)) return { name, state: 'ok', found: chromiumPath };
  const found = "none; only the console's tests want it";
  if (platform !== 'linux') return { name, state: 'ok', found };
  return { name, state: 'warn', found, mend: 'scripts/setup-integration' };
}
