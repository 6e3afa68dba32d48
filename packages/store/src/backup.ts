import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  BacklotError,
  canonicalJson,
  type Digest,
  DigestStream,
  digestHex,
  type Io,
  isDigest,
} from '@backlot/core';
import { makeFolderDurably, StorageFull, writeFileDurably } from './durable-files.ts';
import { ledgerSigner, openKeys } from './keys.ts';
import { ledgerRoot } from './ledger-checkpoint.ts';
import { storedCheckpoints, storedEntries } from './ledger-page.ts';
import { type LedgerVerdict, type StoredCheckpoint, verifyLedger } from './ledger-verifier.ts';
import type { Objects, StoredObject } from './objects.ts';
import { readSqlite } from './sqlite-metadata.ts';
import { replacedPath, restoredPath, type StatePaths, whileUnowned } from './state-folder.ts';

/** What a backup holds. Its digests are checked before anything is restored. */
export interface BackupManifest {
  readonly kind: 'backup';
  readonly version: 1;
  /** Milliseconds since 1970, UTC. Remove a backup within 30 days: it still holds destroyed keys. */
  readonly at: number;
  readonly ledger: { readonly size: number; readonly root: string };
  /** By path in the backup, sorted. */
  readonly files: readonly BackupFile[];
}

export interface BackupFile {
  readonly path: string;
  readonly digest: Digest;
  readonly bytes: number;
}

/** A backup is incomplete, changed, or its ledger does not verify. Nothing was replaced. */
export class BackupRefused extends BacklotError {
  constructor(reason: string) {
    super({
      code: 'E-STORE-010',
      kind: 'refused',
      reason: `the backup is refused, nothing was replaced: ${reason}`,
      mend: 'use another backup',
    });
  }
}

const manifestName = 'manifest.json';

/**
 * Copies the state of a running owner: the metadata as of one moment, then every object (stored
 * before rows refer to them, so none can be missing), then keys; last a manifest with the digests.
 * No garbage collection may run meanwhile.
 *
 * @param target a folder that does not exist yet
 */
export async function backupState(options: {
  readonly io: Io;
  readonly paths: StatePaths;
  readonly objects: Objects;
  readonly target: string;
}): Promise<BackupManifest> {
  const { io, paths, objects, target } = options;
  if (await io.files.stat(target)) throw new BackupRefused('its folder exists already');
  await makeFolderDurably(io, target);
  copyDatabase(paths.metadata, join(target, 'metadata.sqlite'));
  await io.files.sync(join(target, 'metadata.sqlite'));
  const files = [await describeFile(io, target, 'metadata.sqlite')];
  for (const folder of ['objects', 'keys']) await makeFolderDurably(io, join(target, folder));
  for await (const object of objects.list())
    files.push(await copyObject(io, objects, object, target));
  for (const name of await io.files.list(paths.keys)) {
    if (!name.endsWith('.key')) continue;
    await copyFile(io, join(paths.keys, name), join(target, 'keys', name));
    files.push(await describeFile(io, target, `keys/${name}`));
  }
  await io.files.syncFolder(join(target, 'keys'));
  const manifest: BackupManifest = {
    kind: 'backup',
    version: 1,
    at: io.clock.now(),
    ledger: await ledgerOf(join(target, 'metadata.sqlite')),
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
  await writeFileDurably(io, join(target, manifestName), Buffer.from(canonicalJson(manifest)));
  return manifest;
}

/** A consistent copy of a database that others write to meanwhile. */
function copyDatabase(from: string, to: string): void {
  const database = new DatabaseSync(from, { timeout: 10_000 });
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } catch (error) {
    throw error instanceof Error && /full/.test(error.message) ? new StorageFull(error) : error;
  } finally {
    database.close();
  }
}

async function ledgerOf(path: string): Promise<BackupManifest['ledger']> {
  const { reader, close } = readSqlite(path);
  try {
    return await ledgerRoot(reader);
  } finally {
    close();
  }
}

async function copyObject(
  io: Io,
  objects: Objects,
  { digest, bytes }: StoredObject,
  target: string,
): Promise<BackupFile> {
  const hex = digestHex(digest);
  const shelf = join(target, 'objects', hex.slice(0, 2));
  await makeFolderDurably(io, shelf);
  await copyStream(io, objects.stream(digest), join(shelf, hex));
  await io.files.syncFolder(shelf);
  return { path: `objects/${hex.slice(0, 2)}/${hex}`, digest, bytes };
}

function copyFile(io: Io, from: string, to: string): Promise<void> {
  return copyStream(io, io.files.stream(from), to);
}

async function copyStream(io: Io, content: AsyncIterable<Uint8Array>, to: string): Promise<void> {
  const file = await io.files.create(to);
  try {
    for await (const chunk of content) await file.write(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function describeFile(io: Io, folder: string, path: string): Promise<BackupFile> {
  const hash = new DigestStream();
  for await (const chunk of io.files.stream(join(folder, path))) hash.update(chunk);
  return { path, digest: hash.finish(), bytes: hash.bytes };
}

export interface RestoreOptions {
  readonly io: Io;
  /** The backup's folder. */
  readonly backup: string;
  readonly home: string;
  /**
   * Checkpoints that a witness kept. The backup's ledger has to contain them, so that a forged one
   * is found even when its keys were forged with it.
   */
  readonly witnessed?: readonly StoredCheckpoint[];
  /** The ledger's public keys; by default the one that the backup itself carries. */
  readonly trustedKeys?: readonly string[];
}

/**
 * Verifies a backup against its manifest and its ledger, then puts it in the place of the state
 * folder. The old one is kept beside it as `<home>.replaced`. A crash leaves the old state or the
 * new one; `openStateFolder` finishes the move.
 *
 * @throws BackupRefused before anything is replaced
 */
export async function restoreState(options: RestoreOptions): Promise<BackupManifest> {
  const { io, backup, home } = options;
  const manifest = await verifyBackup(options);
  await whileUnowned(io, home, async () => {
    const incoming = `${home}.incoming`;
    for (const left of [incoming, restoredPath(home)]) await io.files.remove(left);
    await makeFolderDurably(io, incoming);
    for (const file of manifest.files) await restoreFile(io, backup, incoming, file);
    await io.files.syncFolder(incoming);
    await io.files.rename(incoming, restoredPath(home));
    await io.files.syncFolder(dirname(home));
    await io.files.remove(replacedPath(home));
    if (await io.files.stat(home)) await io.files.rename(home, replacedPath(home));
    await io.files.rename(restoredPath(home), home);
    await io.files.syncFolder(dirname(home));
  });
  return manifest;
}

async function restoreFile(
  io: Io,
  backup: string,
  home: string,
  { path, digest }: BackupFile,
): Promise<void> {
  const target = join(home, path);
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    await makeFolderDurably(io, join(home, ...parts.slice(0, depth)));
  }
  await copyFile(io, join(backup, path), target);
  await io.files.syncFolder(dirname(target));
  const copied = await describeFile(io, home, path);
  if (copied.digest !== digest) throw new BackupRefused(`${path} changed while it was copied`);
}

/** Checks every file of a backup against its manifest, and its ledger with the verifier. */
export async function verifyBackup(options: Omit<RestoreOptions, 'home'>): Promise<BackupManifest> {
  const { io, backup } = options;
  const manifest = await readManifest(io, backup);
  for (const file of manifest.files) {
    if (!(await io.files.stat(join(backup, file.path)))) {
      throw new BackupRefused(`${file.path} is missing`);
    }
    const found = await describeFile(io, backup, file.path);
    if (found.digest !== file.digest) throw new BackupRefused(`${file.path} has another digest`);
  }
  const verdict = await verifyBackupLedger(options);
  if (!verdict.ok) throw new BackupRefused(`${verdict.fault}: ${verdict.reason}`);
  if (verdict.size !== manifest.ledger.size || verdict.root !== manifest.ledger.root) {
    throw new BackupRefused('its ledger is not the one that the manifest names');
  }
  return manifest;
}

async function verifyBackupLedger(options: Omit<RestoreOptions, 'home'>): Promise<LedgerVerdict> {
  const { io, backup, witnessed = [] } = options;
  const trustedKeys = options.trustedKeys ?? (await backupLedgerKeys(io, backup));
  const { reader, close } = readSqlite(join(backup, 'metadata.sqlite'));
  try {
    return await verifyLedger({
      entries: storedEntries(reader),
      checkpoints: [...(await storedCheckpoints(reader)), ...witnessed],
      trustedKeys,
      tree: await ledgerRoot(reader),
    });
  } finally {
    close();
  }
}

async function backupLedgerKeys(io: Io, backup: string): Promise<readonly string[]> {
  const folder = join(backup, 'keys');
  if (!(await io.files.list(folder)).includes(`signer-${ledgerSigner}.key`)) return [];
  return [(await openKeys(io, folder, { create: false }).signer(ledgerSigner)).publicKey];
}

const allowedPath =
  /^(?:metadata\.sqlite|keys\/[a-z0-9_-]{1,120}\.key|objects\/([0-9a-f]{2})\/\1[0-9a-f]{62})$/;

/** The manifest, whose paths lead nowhere but to the places that a backup writes. */
async function readManifest(io: Io, backup: string): Promise<BackupManifest> {
  const path = join(backup, manifestName);
  if (!(await io.files.stat(path)))
    throw new BackupRefused('it has no manifest: it was not finished');
  const text = Buffer.from(await io.files.read(path)).toString();
  const manifest = parseManifest(text);
  if (manifest?.kind !== 'backup' || manifest.version !== 1 || !Array.isArray(manifest.files)) {
    throw new BackupRefused('its manifest is none that this Backlot knows');
  }
  for (const file of manifest.files) {
    if (!allowedPath.test(file.path) || !isDigest(file.digest)) {
      throw new BackupRefused('its manifest names a file that no backup holds');
    }
    const named = file.path.startsWith('objects/') ? `sha256:${file.path.slice(11)}` : file.digest;
    if (named !== file.digest)
      throw new BackupRefused('an object has another digest than its name');
  }
  if (!manifest.files.some((file) => file.path === 'metadata.sqlite')) {
    throw new BackupRefused('it holds no metadata');
  }
  return manifest;
}

function parseManifest(text: string): BackupManifest | undefined {
  try {
    return JSON.parse(text) as BackupManifest;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
