import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlreadyRegistered, BadRegistration, MovedMeanwhile, NotRegistered } from './error.ts';
import {
  author,
  digestNamed,
  principal,
  registration,
  temporaryMetadata,
} from './testing/registry-fixture.ts';
import {
  aliasVersion,
  amendVersion,
  getVersion,
  listAliases,
  listModels,
  listVersions,
  moveAlias,
  registerVersion,
} from './version.ts';

test('versions count up per model, and the same digest is the same version', async (t) => {
  const metadata = await temporaryMetadata(t);
  const first = await metadata.write((tx) => registerVersion(tx, author, registration()));
  assert.equal(first.version, 1);
  const again = await metadata.write((tx) =>
    registerVersion(tx, author, registration({ run: 'run-2', at: 2_000 })),
  );
  assert.deepEqual(again, first);
  const digest = digestNamed('model 2');
  const second = await metadata.write((tx) =>
    registerVersion(tx, author, registration({ digest, at: 2_000 })),
  );
  assert.equal(second.version, 2);
  const other = await metadata.write((tx) =>
    registerVersion(tx, author, registration({ model: 'als-book', at: 3_000 })),
  );
  assert.equal(other.version, 1);
  const { items } = await listVersions(metadata, 'lumen', 'als-film');
  assert.deepEqual(
    items.map(({ version }) => version),
    [2, 1],
  );
  const models = await listModels(metadata, 'lumen');
  assert.deepEqual(
    models.items.map(({ name, versions }) => [name, versions]),
    [
      ['als-book', 1],
      ['als-film', 2],
    ],
  );
});

test('who registers known bytes joins the authors, so that nobody launders authorship', async (t) => {
  const metadata = await temporaryMetadata(t);
  await metadata.write((tx) => registerVersion(tx, author, registration()));
  const joined = await metadata.write((tx) =>
    registerVersion(tx, principal('rafa'), registration({ authors: ['rafa'] })),
  );
  assert.deepEqual(joined.authors, ['imke', 'rafa']);
  assert.deepEqual((await getVersion(metadata, 'lumen', 'als-film', 1)).authors, ['imke', 'rafa']);
});

test('a registration without authors, with a bad digest or figure is refused', async (t) => {
  const metadata = await temporaryMetadata(t);
  const bad = [
    { authors: [] },
    { digest: 'sha256:short' as const },
    { bytes: 0 },
    { metrics: { ndcg: Number.NaN } },
    { model: '../etc' },
  ];
  for (const change of bad) {
    await assert.rejects(
      metadata.write((tx) => registerVersion(tx, author, registration(change))),
      /E-(REGISTRY-006|CORE-00[45])/,
    );
  }
  await assert.rejects(getVersion(metadata, 'lumen', 'als-film', 1), NotRegistered);
  assert.deepEqual((await listModels(metadata, 'lumen')).items, []);
});

test('another workspace sees nothing, another project may not take the name', async (t) => {
  const metadata = await temporaryMetadata(t);
  await metadata.write((tx) => registerVersion(tx, author, registration()));
  await assert.rejects(getVersion(metadata, 'other', 'als-film', 1), NotRegistered);
  const elsewhere = principal('zoe', { project: 'music' });
  await assert.rejects(
    metadata.write((tx) =>
      registerVersion(tx, elsewhere, registration({ digest: digestNamed('m2') })),
    ),
    AlreadyRegistered,
  );
});

test('an alias moves only from where the caller saw it', async (t) => {
  const metadata = await temporaryMetadata(t);
  const move = (version: number, expected: number | null): Promise<void> =>
    metadata.write((tx) =>
      moveAlias(tx, author, { model: 'als-film', alias: 'production', version, expected, at: 1 }),
    );
  await metadata.write((tx) => registerVersion(tx, author, registration()));
  await metadata.write((tx) =>
    registerVersion(tx, author, registration({ digest: digestNamed('m2') })),
  );
  await move(1, null);
  await assert.rejects(move(2, null), MovedMeanwhile);
  await move(2, 1);
  assert.equal(await aliasVersion(metadata, 'lumen', 'als-film', 'production'), 2);
  await assert.rejects(move(3, 2), NotRegistered);
  assert.deepEqual(
    (await listAliases(metadata, 'lumen', 'als-film')).map((row) => ({ ...row })),
    [{ alias: 'production', version: 2 }],
  );
});

test('an amendment replaces what was evaluated and makes its author an author', async (t) => {
  const metadata = await temporaryMetadata(t);
  await metadata.write((tx) => registerVersion(tx, author, registration()));
  const evaluation = digestNamed('second evaluation');
  const amended = await metadata.write((tx) =>
    amendVersion(tx, principal('rafa'), { model: 'als-film', version: 1, evaluation }),
  );
  assert.deepEqual(await getVersion(metadata, 'lumen', 'als-film', 1), amended);
  assert.equal(amended.evaluation, evaluation);
  assert.deepEqual(amended.authors, ['imke', 'rafa']);
});

test('pages follow each other without gap or repeat, and foreign cursors are refused', async (t) => {
  const metadata = await temporaryMetadata(t);
  for (let index = 1; index <= 7; index++) {
    const model = `model-${index}`;
    // Three moments for seven models, so that ties cross a page's end.
    await metadata.write((tx) =>
      registerVersion(tx, author, registration({ model, at: index % 3 })),
    );
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listModels(metadata, 'lumen', {
      limit: 2,
      ...(cursor !== undefined && { cursor }),
    });
    seen.push(...page.items.map(({ name }) => name));
    cursor = page.next;
  } while (cursor !== undefined);
  assert.equal(seen.length, 7);
  assert.equal(new Set(seen).size, 7);
  await assert.rejects(listModels(metadata, 'lumen', { cursor: "1~a' OR 1" }), BadRegistration);
  await assert.rejects(listModels(metadata, 'lumen', { limit: 0 }), BadRegistration);
});
