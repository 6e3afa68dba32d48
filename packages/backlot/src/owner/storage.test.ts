import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { realIo } from '@backlot/core';
import { statePaths } from '@backlot/store';
import {
  type MotoServer,
  noMoto,
  noPostgres,
  type PostgresServer,
  startMoto,
  startPostgres,
} from '@backlot/testing';
import { storageFindings } from '../commands/doctor-storage.ts';
import { schemas } from './state.ts';
import { BackupElsewhere, storageOf } from './storage.ts';

const io = realIo();
const postgresMissing = noPostgres();
const motoMissing = noMoto();
let postgres: PostgresServer;
let moto: MotoServer;
const home = mkdtempSync(join(tmpdir(), 'backlot-storage-'));

before(async () => {
  if (!postgresMissing) postgres = await startPostgres();
  if (!motoMissing) moto = await startMoto();
});
after(async () => {
  postgres?.stop();
  await moto?.stop();
  rmSync(home, { recursive: true });
});

test('every table of the product migrates to PostgreSQL', { skip: postgresMissing }, async () => {
  const environment = { METADATA: postgres.url('product') };
  const { openMetadata, places } = storageOf({ metadata: { postgres: 'METADATA' } }, environment);
  for (let time = 0; time < 2; time++) {
    const metadata = await openMetadata(io, statePaths(home), schemas);
    const versions = await metadata.all<{ name: string; version: number }>(
      'SELECT name, version FROM schema_versions ORDER BY name',
    );
    const expected = schemas.map(({ name, migrations }) => [name, migrations.length]);
    assert.deepEqual(
      versions.filter(({ name }) => name !== 'ledger').map(({ name, version }) => [name, version]),
      expected.sort(([a], [b]) => (a! < b! ? -1 : 1)),
    );
    await metadata.close();
  }
  assert.equal(places.metadata, 'PostgreSQL, METADATA');
});

test('objects of a project go to its bucket, and a worker finds them', {
  skip: motoMissing,
}, async () => {
  await moto.bucket('media-store');
  const s3 = { bucket: 'media-store', region: 'us-east-1', endpoint: moto.endpoint, prefix: 'o/' };
  const environment = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', OTHER: 'x' };
  const storage = storageOf({ objects: { s3 } }, environment);
  const owner = await storage.openObjects(io, statePaths(join(home, 'a')), true);
  const { digest } = await owner.put(Buffer.from('film'));
  assert.deepEqual(storage.workerEnvironment, {
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
  });
  const worker = storageOf({ objects: { s3 } }, storage.workerEnvironment);
  const objects = await worker.openObjects(io, statePaths(join(home, 'b')), false);
  assert.equal(Buffer.from(await objects.get(digest)).toString(), 'film');
});

test('the doctor says what it can reach, and what is wrong with it', {
  skip: postgresMissing,
}, async () => {
  const s3 = { bucket: 'media', region: 'us-east-1', endpoint: 'http://127.0.0.1:1' };
  const config = { metadata: { postgres: 'METADATA' }, objects: { s3 } };
  const environment = { METADATA: postgres.url('public') };
  const storage = storageOf(config, environment);
  const found = await storageFindings(io, storage, join(home, 'none'));
  assert.deepEqual(
    found.map(({ name, state }) => [name, state]),
    // The server of the tests runs without fsync.
    [
      ['metadata', 'fail'],
      ['objects', 'fail'],
    ],
  );
  assert.match(found[0]!.found, /^PostgreSQL 15.*loses commits/);
  assert.match(found[1]!.found, /AWS_ACCESS_KEY_ID is not set/);
  const nothing = await storageFindings(io, storageOf({}, {}), home);
  assert.deepEqual(nothing, []);
});

test('without a configuration everything is in the state folder, and workers get nothing', () => {
  const storage = storageOf({}, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' });
  assert.deepEqual([storage.places, storage.workerEnvironment], [{}, {}]);
});

test('a variable that is not set is named, and what a backup would lack is too', async () => {
  const { openMetadata, places } = storageOf({ metadata: { postgres: 'NOT_SET' } }, {});
  await assert.rejects(
    async () => openMetadata(io, statePaths(home), []),
    /E-BACKLOT-027.*NOT_SET/,
  );
  const s3 = { bucket: 'media', region: 'us-east-1' };
  const objects = storageOf({ objects: { s3 } }, {});
  await assert.rejects(objects.openObjects(io, statePaths(home), true), /AWS_ACCESS_KEY_ID/);
  assert.match(new BackupElsewhere(places).message, /lacks the metadata in PostgreSQL$/);
});

test("a project's own keys do not take the machine's token with them", () => {
  const credentials = { accessKeyId: 'ID', secretAccessKey: 'KEY' };
  const s3 = { bucket: 'media-store', region: 'us-east-1', credentials };
  const environment = { ID: 'i', KEY: 'k', AWS_SESSION_TOKEN: 'of the machine' };
  const { workerEnvironment } = storageOf({ objects: { s3 } }, environment);
  assert.deepEqual(workerEnvironment, { ID: 'i', KEY: 'k' });
});

test('served features go to the server that the project names, whose password is not told', async () => {
  const online = { redis: 'ONLINE' };
  const { openOnline } = storageOf({ online }, { ONLINE: 'redis://me:hunter2@127.0.0.1:1' });
  await assert.rejects(openOnline(statePaths(home)), (error: Error) => {
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /hunter2/);
    return error.name === 'OnlineStoreFailed';
  });
  await assert.rejects(storageOf({ online }, {}).openOnline(statePaths(home)), /ONLINE is not set/);
});
