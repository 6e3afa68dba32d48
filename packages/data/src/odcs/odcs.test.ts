import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import {
  bool,
  date,
  decimal,
  float,
  int,
  int64,
  key,
  numbers,
  oneOf,
  subject,
  text,
  texts,
  timestamp,
} from '../column.ts';
import { contractData, table } from '../contract.ts';
import { BadContract } from '../data-error.ts';
import {
  custom,
  distribution,
  freshness,
  notNull,
  range,
  references,
  unique,
} from '../quality/rule.ts';
import { relation } from '../relations/relation.ts';
import { plays } from '../world.fixture.ts';
import { contractSource } from './contract-source.ts';
import { exportOdcs } from './export-odcs.ts';
import { importOdcs } from './import-odcs.ts';
import { odcsYaml, parseOdcsText } from './odcs-text.ts';

const schemas = join(import.meta.dirname, '../../../../../shared/reference/schemas/odcs');

const everything = table(
  'everything',
  {
    account: subject(),
    item: key('item'),
    id: int64().min(-5n).max(9_007_199_254_740_993n),
    price: decimal(2).min('0.01').optional(),
    free: bool(),
    day: date().min('2020-02-29'),
    at: timestamp({ epoch: 'ms' }).describe('when it was bought'),
    kind: oneOf(['app', 'song']).sensitive('public'),
    genres: texts().maxItems(3).maxLength(20),
    vector: numbers().maxItems(64),
    score: float().min(0).max(1).optional(),
    rank: int().min(1).max(200),
    note: text().maxLength(99).sensitive('personal').optional(),
  },
  {
    purposes: ['train', 'measure'],
    primaryKey: ['item', 'account'],
    retentionDays: 400,
    maxBadShare: 0.01,
    buckets: 32,
    retentionBy: 'at',
    corrections: { by: 'rank' },
    late: { by: 'day', days: 3, rule: 'accept' },
    rules: [
      range('score', { min: 0.1, maxShare: 0.07, severity: 'warn' }),
      unique(['item', 'day']),
      notNull('price'),
      unique('id', { severity: 'warn' }),
      references('item', { table: 'items', to: 'item' }),
      freshness('at', { withinHours: 6 }),
      distribution('rank', { psi: 0.2, nulls: 0.1 }),
      notNull('note', { maxShare: 0.5 }),
      custom('none', relation(plays)),
    ],
    description: 'All kinds of columns.',
  },
);

const contracts = [everything, plays].map(contractData);

test('contracts written and read again are the same', () => {
  const written = JSON.parse(JSON.stringify(exportOdcs(contracts, { id: 'store' })));
  assert.deepEqual(importOdcs(written), { contracts, notCarried: [] });
});

test('so are contracts of any columns', () => {
  const kinds = [
    subject,
    () => key(),
    text,
    int,
    int64,
    float,
    bool,
    date,
    timestamp,
    texts,
    numbers,
    () => decimal(4),
    () => oneOf(['a', 'b']),
  ];
  const column = fc.record({ kind: fc.nat(kinds.length - 1), optional: fc.boolean() });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 20 }), (given) => {
      const columns = given.map(({ kind, optional }, at) => {
        // One subject at most, which is never optional.
        const make = kind === 0 && at > 0 ? kinds[2]! : kinds[kind]!;
        return [`c${at}`, optional && make !== subject ? make().optional() : make()] as const;
      });
      const made = contractData(
        table('t', Object.fromEntries(columns) as never, { purposes: ['train'] }),
      );
      const written = JSON.parse(JSON.stringify(exportOdcs([made], { id: 'one' })));
      assert.deepEqual(importOdcs(written), { contracts: [made], notCarried: [] });
    }),
  );
});

test('what is written is valid by the schema of the standard', {
  skip: existsSync(schemas) ? false : 'the schema of the standard is not there',
}, () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  (formats as unknown as (to: Ajv2019) => void)(ajv);
  const schema = readFileSync(join(schemas, 'odcs-json-schema-v3.1.0.json'), 'utf8');
  const valid = ajv.compile(JSON.parse(schema));
  const written = exportOdcs(contracts, { id: 'store', name: 'Plays', version: '2.1.0' });
  assert.ok(valid(written), JSON.stringify(valid.errors));
  assert.equal(valid({ ...written, status: undefined, unknown: 1 }), false);
});

test('a document of another house needs purposes, and what is not carried is listed', () => {
  const foreign = {
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', version: '1', status: 'draft' },
    servers: [{ server: 'here', type: 'local' }],
    slaProperties: [
      { property: 'retention', value: 2, unit: 'y' },
      { property: 'latency', value: 4, unit: 'd' },
    ],
    schema: [
      {
        name: 'sales',
        quality: [{ type: 'text' }],
        properties: [
          { name: 'shop', logicalType: 'string', primaryKey: true, primaryKeyPosition: 2 },
          { name: 'day', logicalType: 'date', primaryKey: true, primaryKeyPosition: 1 },
          {
            ...{ name: 'amount', logicalType: 'number', required: true },
            classification: 'restricted',
            logicalTypeOptions: { minimum: 0, multipleOf: 0.5 },
            quality: [{ metric: 'nullValues', mustBe: 0 }],
            tags: ['money'],
          },
          {
            ...{ name: 'mail', logicalType: 'string', primaryKey: true },
            logicalTypeOptions: { format: 'email', maxItems: 3, maxLength: 50 },
          },
          {
            ...{ name: 'names', logicalType: 'array' },
            items: { logicalType: 'string', classification: 'restricted', description: 'x' },
          },
        ],
      },
    ],
  };
  assert.throws(() => importOdcs(foreign), BadContract);
  const { contracts: found, notCarried } = importOdcs(foreign, { purposes: ['measure'] });
  const [sales] = found;
  assert.deepEqual(sales!.primaryKey, ['day', 'shop', 'mail']);
  assert.equal(sales!.retentionDays, 730);
  assert.deepEqual(
    sales!.columns.map(({ name, kind, optional, sensitivity }) => [
      name,
      kind,
      optional,
      sensitivity,
    ]),
    [
      ['shop', 'text', true, 'internal'],
      ['day', 'date', true, 'internal'],
      ['amount', 'float', false, 'personal'],
      ['mail', 'text', true, 'internal'],
      ['names', 'texts', true, 'personal'],
    ],
  );
  assert.equal(sales!.columns[2]!.min, 0);
  assert.deepEqual(sales!.rules, [notNull('amount')]);
  assert.deepEqual([...notCarried].sort(), [
    'schema[0].properties[2].classification',
    'schema[0].properties[2].logicalTypeOptions.multipleOf',
    'schema[0].properties[2].tags',
    'schema[0].properties[3].logicalTypeOptions.format',
    'schema[0].properties[3].logicalTypeOptions.maxItems',
    'schema[0].properties[4].classification',
    'schema[0].properties[4].items.description',
    'schema[0].quality[0]',
    'servers',
    'slaProperties[1]',
  ]);
});

test('what cannot be taken is refused with its place', () => {
  const document = (property: object, more: object = {}) => ({
    ...{
      apiVersion: 'v3.0.2',
      kind: 'DataContract',
      schema: [{ name: 't', properties: [property] }],
    },
    ...more,
  });
  const good = { name: 'a', logicalType: 'string' };
  for (const [given, place] of [
    [document({ name: 'a', logicalType: 'object' }), 'schema[0].properties[0]'],
    [document({ name: 'a', logicalType: 'time' }), 'schema[0].properties[0]'],
    [document({ name: 'a', logicalType: 'array', items: { logicalType: 'object' } }), 'schema[0]'],
    [document({ ...good, name: 'Big Name' }), 'table/t'],
    [document({ logicalType: 'string' }), 'schema[0].properties[0]'],
    [
      document(good, { schema: [{ name: 't', properties: [good, good] }] }),
      'schema[0].properties[1]',
    ],
    [document(good, { schema: [{ properties: [good] }] }), 'schema[0]'],
    [
      document({
        ...{ name: 'a', logicalType: 'timestamp' },
        customProperties: [
          { property: 'backlotKind', value: 'timestamp' },
          { property: 'backlotEpoch', value: 'fortnights' },
        ],
      }),
      'schema[0].properties[0]',
    ],
    [document(good, { kind: 'DataProduct' }), 'kind'],
    [document(good, { apiVersion: 'v2.2.2' }), 'apiVersion'],
    [document(good, { schema: [] }), 'schema'],
    [document(good, { schema: 'all' }), 'schema'],
    [[], 'the document'],
  ] as const) {
    assert.throws(
      () => importOdcs(given, { purposes: ['train'] }),
      (error) => error instanceof BadContract && error.place!.startsWith(place),
      JSON.stringify(given),
    );
  }
  assert.throws(() => exportOdcs([], { id: 'x' }), BadContract);
  assert.throws(() => exportOdcs([contracts[0]!, contracts[0]!], { id: 'x' }), BadContract);
  assert.throws(() => exportOdcs(contracts, { id: 'a b' }), BadContract);
});

test('the text of a document is YAML or JSON, and comes back', () => {
  const document = exportOdcs(contracts, { id: 'store' });
  assert.deepEqual(importOdcs(parseOdcsText(odcsYaml(document))), { contracts, notCarried: [] });
  assert.deepEqual(parseOdcsText(JSON.stringify(document)), JSON.parse(JSON.stringify(document)));
  for (const text of ['a: [', 'x'.repeat(4 * 2 ** 20 + 1)]) {
    assert.throws(() => parseOdcsText(text), BadContract);
  }
});

test('every example of the standard is read, and what was lost is listed', {
  skip: existsSync(schemas) ? false : 'the examples of the standard are not there',
}, () => {
  const folder = join(schemas, 'examples');
  const names = readdirSync(folder);
  assert.ok(names.length > 10);
  let found = 0;
  for (const name of names) {
    const document = parseOdcsText(readFileSync(join(folder, name), 'utf8'));
    const read = importOdcs(document, { purposes: ['measure'], adapt: true });
    assert.ok(read.notCarried.length > 0, name);
    found += read.contracts.length;
    if (read.contracts.length === 0) continue;
    // What was read is a contract like any other: it is written, and read again the same.
    const again = importOdcs(exportOdcs(read.contracts, { id: 'again' }));
    assert.deepEqual(again, { contracts: read.contracts, notCarried: [] }, name);
  }
  assert.ok(found >= 12, `${found} tables`);
});

test('the definition that is printed makes the same contract', async () => {
  const source = contractSource(contracts).join('\n');
  // Custom rules are relations, which a contract does not hold.
  const text = source.replace(
    "'@backlot/data'",
    JSON.stringify(new URL('../index.ts', import.meta.url)),
  );
  const { stripTypeScriptTypes } = await import('node:module');
  const script = stripTypeScriptTypes(text);
  const made = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  const printed = contractData(made.everything);
  const { rules: all, ...rest } = contracts[0]!;
  const { rules: some, ...same } = printed;
  assert.deepEqual(same, rest);
  assert.deepEqual(
    some,
    all!.filter(({ kind }) => kind !== 'custom'),
  );
  assert.deepEqual(contractData(made.plays), contracts[1]);
});

test('a list of values that becomes no part of its column is listed, once for each', () => {
  const only = (...validValues: string[]) => ({
    ...{ metric: 'invalidValues', mustBe: 0, arguments: { validValues } },
  });
  const document = {
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', version: '1', status: 'active' },
    schema: [
      {
        name: 'sales',
        properties: [
          { name: 'n', logicalType: 'integer', quality: [only('1', '2')] },
          { name: 'kind', logicalType: 'string', quality: [only('a', 'b'), only('c')] },
        ],
      },
    ],
  };
  const { contracts, notCarried } = importOdcs(document, { purposes: ['measure'] });
  assert.deepEqual(contracts[0]!.columns[1]!.values, ['a', 'b']);
  assert.deepEqual(notCarried, [
    'schema[0].properties[0].quality[0]',
    'schema[0].properties[1].quality[1]',
  ]);
});

test('a table that is called as what its source imports gets another variable', () => {
  const days = table('date', { day: date(), at: int() }, { purposes: ['measure'] });
  const tables = table('table', { n: int() }, { purposes: ['measure'] });
  const source = contractSource([contractData(days), contractData(tables)]).join('\n');
  assert.match(source, /export const dateTable = table\('date', /);
  assert.match(source, /export const tableTable = table\('table', /);
});
