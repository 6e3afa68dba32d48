import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { realIo } from '@backlot/core';
import { type Finding, findings } from './doctor-checks.ts';

let home: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'backlot-doctor-'));
  await mkdir(join(home, 'keys'));
  await writeFile(join(home, 'layout'), '1\n');
  await writeFile(join(home, 'metadata.sqlite'), '');
  await writeFile(join(home, 'keys/signer-ledger.key'), 'x', { mode: 0o600 });
});

after(() => rm(home, { recursive: true, force: true }));

async function found(name: string, io = realIo(), at = home): Promise<Finding> {
  return (await findings(io, at)).find((finding) => finding.name === name)!;
}

test('keys that others may read fail the check, with the command that closes them', async () => {
  assert.equal((await found('keys')).state, 'ok');
  const path = join(home, 'keys/signer-ledger.key');
  await chmod(path, 0o644);
  const { state, mend } = await found('keys');
  await chmod(path, 0o600);
  assert.equal(state, 'fail');
  assert.equal(mend, `chmod 600 ${path}`);
});

test('a clock behind what the state folder holds fails the check', async () => {
  const io = realIo();
  assert.equal((await found('clock')).state, 'ok');
  const late = { ...io, clock: { ...io.clock, now: () => io.clock.now() - 3_600_000 } };
  const { state, mend } = await found('clock', late);
  assert.equal(state, 'fail');
  assert.ok(mend);
});

test('the state folder is told with its layout, and its absence is no failure', async () => {
  assert.match((await found('state folder')).found, /layout 1, nobody owns it/);
  assert.equal((await found('state folder', realIo(), join(home, 'none'))).state, 'warn');
});
