import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, test } from 'node:test';
import { digestOfBytes, realIo } from '@backlot/core';
import { enumerateCrashes, type World } from '@backlot/testing';
import { BackupRefused, backupState, restoreState, verifyBackup } from './backup.ts';
import { openFileObjects } from './file-objects.ts';
import { ledgerSigner, openKeys } from './keys.ts';
import { latestCheckpoint, ledgerRoot, signCheckpoint } from './ledger-checkpoint.ts';
import type { Metadata } from './metadata.ts';
import { openSqliteMetadata } from './sqlite-metadata.ts';
import { openStateFolder, type StateFolder, StateFolderOwned, statePaths } from './state-folder.ts';

const io = realIo();
let folder: string;
let home: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backlot-state-'));
  home = join(folder, '.backlot');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a backup of a running state is restored whole', async () => {
  const live = await openState(home);
  await live.work('one');
  const backup = join(folder, 'backup');
  const manifest = await backupState({ io, ...live, target: backup });
  await live.work('two');
  await live.close();
  const restored = await restoreState({ io, backup, home });
  assert.deepEqual(restored, manifest);
  const back = await openState(home);
  assert.deepEqual(await back.effects(), ['one']);
  assert.equal((await ledgerRoot(back.metadata)).root, manifest.ledger.root);
  await back.work('three');
  await back.close();
  assert.ok((await readdir(folder)).includes('.backlot.replaced'));
});

test('a state folder in use is not restored over', async () => {
  const live = await openState(home);
  const backup = join(folder, 'backup');
  await backupState({ io, ...live, target: backup });
  await assert.rejects(restoreState({ io, backup, home }), StateFolderOwned);
  await live.close();
});

test('a changed, incomplete or forged backup is refused and nothing is replaced', async () => {
  const live = await openState(home);
  await live.work('one');
  const backup = join(folder, 'backup');
  const manifest = await backupState({ io, ...live, target: backup });
  await live.work('two');
  const witnessed = (await latestCheckpoint(live.metadata))!;
  await live.close();
  const object = manifest.files.find((file) => file.path.startsWith('objects/'))!.path;
  const damages: readonly (readonly [RegExp, () => Promise<void>])[] = [
    [/another digest/, () => change(join(backup, object))],
    [/missing/, () => rm(join(backup, object))],
    [/another digest/, () => change(join(backup, 'metadata.sqlite'))],
    [/no manifest/, () => rm(join(backup, 'manifest.json'))],
    [/names a file/, () => edit('"keys/', '"../keys/')],
    [/none that this Backlot knows/, () => change(join(backup, 'manifest.json'), 0)],
    [/edited: entry 0/, () => forgeEntry(backup)],
  ];
  const saved = new Map<string, Uint8Array>();
  for (const path of [...manifest.files.map((file) => file.path), 'manifest.json']) {
    saved.set(path, await readFile(join(backup, path)));
  }
  for (const [reason, damage] of damages) {
    await damage();
    await assert.rejects(restoreState({ io, backup, home }), (error) => {
      assert.ok(error instanceof BackupRefused);
      assert.match(error.reason, reason);
      return true;
    });
    for (const [path, bytes] of saved) await writeFile(join(backup, path), bytes);
  }
  await assert.rejects(
    restoreState({ io, backup, home, witnessed: [witnessed] }),
    /truncated: the ledger ends/,
  );
  const after = await openState(home);
  assert.deepEqual(await after.effects(), ['one', 'two']);
  await after.close();

  async function edit(from: string, to: string): Promise<void> {
    const path = join(backup, 'manifest.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
  }
});

test('restoring survives every crash: the old state or the new one', async () => {
  await enumerateCrashes<readonly string[]>({
    name: 'restore',
    faults: ['EIO'],
    prepare: async (world) => {
      const live = await openState(join(world.root, 'home'), world);
      await live.work('one');
      await live.close();
      const other = await openState(join(world.root, 'other'), world);
      await other.work('two');
      await backupState({ io: world.io, ...other, target: join(world.root, 'backup') });
      await other.close();
      await world.io.files.remove(join(world.root, 'other'));
    },
    workload: async (world) => {
      const backup = join(world.root, 'backup');
      await restoreState({ io: world.io, backup, home: join(world.root, 'home') });
      world.acknowledge('restored');
    },
    recover: async (world) => {
      const state = await openState(join(world.root, 'home'), world);
      return state.effects();
    },
    check: (effects, { acknowledged }) => {
      const restored = acknowledged.includes('restored') || effects.includes('two');
      assert.deepEqual(effects, restored ? ['two'] : ['one']);
    },
    resume: async (world) => {
      const state = await openState(join(world.root, 'home'), world);
      await state.work('after');
    },
  });
});

test('a backup that a crash cut short is refused, and one that was acknowledged verifies', async () => {
  await enumerateCrashes<string>({
    name: 'backup',
    prepare: async (world) => {
      const live = await openState(join(world.root, 'home'), world);
      await live.work('one');
      await live.close();
    },
    workload: async (world) => {
      const paths = statePaths(join(world.root, 'home'));
      const objects = await openFileObjects(world.io, paths.objects);
      const target = join(world.root, 'backup');
      await backupState({ io: world.io, paths, objects, target });
      world.acknowledge('backup');
    },
    recover: async (world) => {
      try {
        await verifyBackup({ io: world.io, backup: join(world.root, 'backup') });
        return 'whole';
      } catch (error) {
        assert.ok(error instanceof BackupRefused);
        return error.reason;
      }
    },
    check: (state, { acknowledged }) => {
      if (acknowledged.length > 0) assert.equal(state, 'whole');
      else assert.match(state, /whole|no manifest/);
    },
    resume: async (world) => {
      const paths = statePaths(join(world.root, 'home'));
      const objects = await openFileObjects(world.io, paths.objects);
      await backupState({ io: world.io, paths, objects, target: join(world.root, 'again') });
    },
  });
});

interface OpenState {
  readonly paths: StateFolder['paths'];
  readonly metadata: Metadata;
  readonly objects: Awaited<ReturnType<typeof openFileObjects>>;
  /** An effect in objects, rows and keys, then a checkpoint. */
  readonly work: (name: string) => Promise<void>;
  /** The names whose row, object and key are all there. */
  readonly effects: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

async function openState(at: string, world?: World): Promise<OpenState> {
  const port = world?.io ?? io;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const next of closers.splice(0)) await next();
  };
  world?.defer(close);
  const state = await openStateFolder(port, at);
  closers.push(async () => {
    // A crashed machine removes nothing; its lock goes with the process.
    await state.release().catch((error: Error) => {
      if (error.name !== 'SimulatedCrash') throw error;
    });
  });
  const metadata = await openSqliteMetadata({
    path: state.paths.metadata,
    clock: port.clock,
    schemas: [{ name: 'effects', migrations: [['CREATE TABLE effects (name TEXT, digest TEXT)']] }],
  });
  closers.unshift(() => metadata.close());
  const objects = await openFileObjects(port, state.paths.objects, { owner: true });
  const keys = openKeys(port, state.paths.keys);
  const work = async (name: string): Promise<void> => {
    const { digest } = await objects.put(Buffer.from(name));
    await metadata.write(async (tx) => {
      await tx.run('INSERT INTO effects (name, digest) VALUES (?, ?)', name, digest);
      await tx.record({ workspace: 'w', actor: 'a', action: 'effect.add', resource: 'effect' });
    });
    const signer = await keys.signer(ledgerSigner);
    await signCheckpoint({ metadata, signer, clock: port.clock });
  };
  const effects = async (): Promise<readonly string[]> => {
    const rows = await metadata.all<{ name: string; digest: `sha256:${string}` }>(
      'SELECT name, digest FROM effects ORDER BY name',
    );
    for (const { name, digest } of rows) {
      assert.equal(Buffer.from(await objects.get(digest)).toString(), name);
    }
    const last = await latestCheckpoint(metadata);
    if (last) assert.equal(last.signer, (await keys.signer(ledgerSigner)).id);
    return rows.map(({ name }) => name);
  };
  return { paths: state.paths, metadata, objects, work, effects, close };
}

async function change(path: string, at: number = 1): Promise<void> {
  const bytes = await readFile(path);
  bytes[at]! ^= 1;
  await writeFile(path, bytes);
}

/** Edits an entry and mends the manifest, as someone does who does not know of the ledger. */
async function forgeEntry(backup: string): Promise<void> {
  const path = join(backup, 'metadata.sqlite');
  const database = new DatabaseSync(path);
  database.exec("UPDATE ledger_entries SET actor = 'someone else' WHERE position = 0");
  database.close();
  const manifest = JSON.parse(await readFile(join(backup, 'manifest.json'), 'utf8'));
  for (const file of manifest.files) {
    if (file.path === 'metadata.sqlite') file.digest = digestOfBytes(await readFile(path));
  }
  await writeFile(join(backup, 'manifest.json'), JSON.stringify(manifest));
}
