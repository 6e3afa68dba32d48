import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BacklotError, hasErrno, type Io } from '@backlot/core';
import { makeFolderDurably, removeUnfinished, writeFileDurably } from './durable-files.ts';

/** Where the parts of a state folder lie. */
export interface StatePaths {
  readonly home: string;
  readonly metadata: string;
  readonly objects: string;
  readonly keys: string;
  readonly credentials: string;
  readonly runs: string;
  readonly predictions: string;
}

/** Who owns a state folder. */
export interface StateOwner {
  readonly pid: number;
  /** Where it answers, once it listens. */
  readonly address?: string;
}

/** A state folder that this process owns until it releases it or ends. */
export interface StateFolder {
  readonly paths: StatePaths;
  /** Tells other commands where this process answers. */
  announce(address: string): Promise<void>;
  release(): Promise<void>;
}

/** Another process owns the state folder. */
export class StateFolderOwned extends BacklotError {
  readonly owner: StateOwner | undefined;

  constructor(owner: StateOwner | undefined) {
    const who = owner ? `process ${owner.pid}` : 'another process';
    super({
      code: 'E-STORE-008',
      kind: 'conflict',
      reason: `${who} owns the state folder${owner?.address ? ` and answers at ${owner.address}` : ''}`,
      mend: 'use the address, or stop that process',
    });
    this.owner = owner;
  }
}

/** The state folder has another layout than this Backlot knows. */
export class StateFolderTooNew extends BacklotError {
  constructor(found: string) {
    super({
      code: 'E-STORE-009',
      kind: 'conflict',
      reason: `the state folder has layout ${found}, this Backlot knows ${layoutVersion}`,
      mend: 'run the Backlot that wrote this state folder, or a newer one',
    });
  }
}

const layoutVersion = 1;

/** Where the parts of the state folder at `home` lie. */
export function statePaths(home: string): StatePaths {
  return {
    home,
    metadata: join(home, 'metadata.sqlite'),
    objects: join(home, 'objects'),
    keys: join(home, 'keys'),
    credentials: join(home, 'credentials'),
    runs: join(home, 'runs'),
    predictions: join(home, 'predictions'),
  };
}

/**
 * Makes the state folder when there is none, finishes a restore that a crash cut short, and takes
 * its ownership. The operating system holds the lock (on `owner.sqlite`) and drops it when the
 * process ends however it ends; `owner.json` only tells others whom to ask.
 *
 * @throws StateFolderOwned when another process has it
 */
export async function openStateFolder(
  io: Io,
  home: string,
  { pid = process.pid }: { readonly pid?: number } = {},
): Promise<StateFolder> {
  await finishRestore(io, home);
  await makeFolderDurably(io, home);
  const lock = await takeLock(io, home);
  try {
    await checkLayout(io, home);
    const paths = statePaths(home);
    for (const folder of [paths.objects, paths.keys, paths.runs, paths.predictions]) {
      await io.files.makeFolder(folder);
    }
    await io.files.syncFolder(home);
    for (const folder of [home, paths.keys]) await removeUnfinished(io, folder);
    const announce = (owner: StateOwner): Promise<void> =>
      writeFileDurably(io, ownerPath(home), Buffer.from(JSON.stringify(owner)));
    await announce({ pid });
    return {
      paths,
      announce: (address) => announce({ pid, address }),
      release: async () => {
        try {
          await io.files.remove(ownerPath(home));
        } finally {
          lock.close();
        }
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Who owns the state folder now, as far as its file and a look at the process tell. */
export async function readStateOwner(io: Io, home: string): Promise<StateOwner | undefined> {
  const path = ownerPath(home);
  if (!(await io.files.stat(path))) return undefined;
  try {
    const text = Buffer.from(await io.files.read(path, { limitBytes: 4096 })).toString();
    const owner = JSON.parse(text) as StateOwner;
    return io.processes.isAlive(owner.pid) ? owner : undefined;
  } catch (error) {
    // The owner let go between the look and the read, or the file was edited: nobody is known.
    if (hasErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Runs work while nobody owns the state folder, and nobody can take it. */
export async function whileUnowned<T>(io: Io, home: string, work: () => Promise<T>): Promise<T> {
  if (!(await io.files.stat(home))) return work();
  const lock = await takeLock(io, home);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

async function takeLock(io: Io, home: string): Promise<DatabaseSync> {
  const lock = new DatabaseSync(join(home, 'owner.sqlite'), { timeout: 200 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy))
      throw error;
    throw new StateFolderOwned(await readStateOwner(io, home));
  }
}

const sqliteBusy = 5;

async function checkLayout(io: Io, home: string): Promise<void> {
  const path = join(home, 'layout');
  if (!(await io.files.stat(path))) {
    await writeFileDurably(io, path, Buffer.from(`${layoutVersion}\n`));
  }
  const found = Buffer.from(await io.files.read(path, { limitBytes: 64 }))
    .toString()
    .trim();
  if (found !== String(layoutVersion)) throw new StateFolderTooNew(found);
}

function ownerPath(home: string): string {
  return join(home, 'owner.json');
}

/** Where a restore puts what is complete and only has to take its place. */
export function restoredPath(home: string): string {
  return `${home}.restored`;
}

/** Where a restore keeps the state folder that it replaced. */
export function replacedPath(home: string): string {
  return `${home}.replaced`;
}

/**
 * Puts a completely restored state folder into place, when a restore had moved the old one away.
 * While the old one stands, the restore has not happened.
 */
async function finishRestore(io: Io, home: string): Promise<void> {
  if (await io.files.stat(home)) return;
  if (!(await io.files.stat(restoredPath(home)))) return;
  await io.files.rename(restoredPath(home), home);
  await io.files.syncFolder(dirname(home));
}
