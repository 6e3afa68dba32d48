import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Digest, realIo, seededRandom } from '@backlot/core';
import { openFileObjects } from './file-objects.ts';
import { ledgerSigner, openKeys } from './keys.ts';
import { ledgerRoot } from './ledger-checkpoint.ts';
import { storedCheckpoints, storedEntries } from './ledger-page.ts';
import { verifyLedger } from './ledger-verifier.ts';
import { openSqliteMetadata } from './sqlite-metadata.ts';
import { openStateFolder } from './state-folder.ts';

const io = realIo();
const kills = 8;
const schema = { name: 'works', migrations: [['CREATE TABLE works (id TEXT, digest TEXT)']] };

// A kill alone proves little of a power cut, since the page cache survives it; the simulated disk is
// for that. This one shows that nothing hangs on an orderly end of the process.
test('a process that is killed again and again loses nothing that it acknowledged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backlot-killed-'));
  const home = join(folder, '.backlot');
  const random = seededRandom(9);
  const witnessed: string[] = [];
  try {
    for (let round = 0; round < kills; round++) {
      await workUntilKilled(home, round, 1 + random.below(12), witnessed);
    }
    const { works, objects, ledgerSize } = await survivingWork(home);
    for (const id of witnessed) assert.ok(works.has(id), `${id} was acknowledged and is lost`);
    for (const digest of works.values()) await objects.get(digest);
    assert.ok(ledgerSize >= works.size);
    assert.ok(witnessed.length >= kills);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Starts a process that acknowledges works on its output, and kills it after some of them. */
async function workUntilKilled(
  home: string,
  round: number,
  acknowledgements: number,
  witnessed: string[],
): Promise<void> {
  let output = '';
  const seen = (): readonly string[] => output.split('\n').slice(0, -1);
  const errors: string[] = [];
  const child = io.processes.spawn(
    process.execPath,
    ['--input-type=module', '--eval', program(home, round)],
    {
      env: {},
      onStdout: (chunk) => {
        output += Buffer.from(chunk).toString();
        if (seen().length >= acknowledgements) child.kill('SIGKILL');
      },
      onStderr: (chunk) => errors.push(Buffer.from(chunk).toString()),
    },
  );
  const { signal } = await child.exit;
  assert.equal(signal, 'SIGKILL', errors.join(''));
  witnessed.push(...seen());
}

function program(home: string, round: number): string {
  const module = (name: string): string => JSON.stringify(import.meta.resolve(name));
  return `
    import { realIo } from ${module('@backlot/core')};
    import { ledgerSigner, openFileObjects, openKeys, openSqliteMetadata, openStateFolder,
      signCheckpoint } from ${module('./index.ts')};
    const io = realIo();
    const { paths } = await openStateFolder(io, ${JSON.stringify(home)});
    const objects = await openFileObjects(io, paths.objects, { owner: true });
    const schemas = [${JSON.stringify(schema)}];
    const metadata = await openSqliteMetadata({ path: paths.metadata, clock: io.clock, schemas });
    const signer = await openKeys(io, paths.keys).signer(ledgerSigner);
    for (let number = 0; ; number++) {
      const id = '${round}-' + number;
      const { digest } = await objects.put(Buffer.from(id.repeat(3000)));
      await metadata.write(async (tx) => {
        await tx.run('INSERT INTO works (id, digest) VALUES (?, ?)', id, digest);
        await tx.record({ workspace: 'w', actor: 'a', action: 'work.add', resource: 'work/' + id });
      });
      if (number % 3 === 0) await signCheckpoint({ metadata, signer, clock: io.clock });
      process.stdout.write(id + '\\n');
    }`;
}

async function survivingWork(home: string): Promise<{
  works: ReadonlyMap<string, Digest>;
  objects: Awaited<ReturnType<typeof openFileObjects>>;
  ledgerSize: number;
}> {
  const state = await openStateFolder(io, home);
  const objects = await openFileObjects(io, state.paths.objects, { owner: true });
  assert.deepEqual(await io.files.list(join(state.paths.objects, 'incoming')), []);
  const path = state.paths.metadata;
  const metadata = await openSqliteMetadata({ path, clock: io.clock, schemas: [schema] });
  const { publicKey } = await openKeys(io, state.paths.keys).signer(ledgerSigner);
  const verdict = await verifyLedger({
    entries: storedEntries(metadata),
    checkpoints: await storedCheckpoints(metadata),
    trustedKeys: [publicKey],
    tree: await ledgerRoot(metadata),
  });
  assert.ok(verdict.ok);
  const rows = await metadata.all<{ id: string; digest: Digest }>('SELECT id, digest FROM works');
  await metadata.close();
  await state.release();
  const works = new Map(rows.map(({ id, digest }) => [id, digest]));
  return { works, objects, ledgerSize: verdict.size };
}
