import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { text } from '../column.ts';
import { table } from '../contract.ts';
import { relation } from '../relations/relation.ts';
import { columnLineage } from './column-lineage.ts';
import { type OpenLineageEvent, openLineageEvent, type RunState, runUuid } from './open-lineage.ts';
import { parseEvent } from './parse-event.ts';

const schemas = join(import.meta.dirname, '../../../../../shared/reference/schemas/openlineage');
const skip = existsSync(schemas) || process.env.CI === 'true' ? false : 'the schemas are not here';

const own = (name: string) => ({ namespace: 'backlot://store', name });
const plays = table('plays', { item: text() }, { purposes: ['debug'] });

/** An event with every facet that there is. */
function fullEvent(state: RunState): OpenLineageEvent {
  return openLineageEvent({
    ...{ state, at: 1_772_000_000_123, run: 'run/7f/clean/1', jobType: 'TASK', version: '1.2.3' },
    job: own('nightly.clean'),
    parent: { run: 'run/7f', job: own('nightly') },
    ...(state === 'FAIL' && { error: 'E-DATA-011 failed' }),
    inputs: [
      {
        ...own('plays'),
        snapshot: 'sha256:00',
        quality: { rows: 7, columns: { item: { nulls: 0, distinct: 3 } } },
        assertions: [{ rule: 'not-missing', column: 'item', kept: false }],
      },
    ],
    outputs: [
      {
        ...own('items'),
        fields: [{ name: 'item', type: 'text' }],
        statistics: { rows: 5, bytes: 100, files: 1 },
        lineage: { columns: columnLineage(relation(plays).distinct()), nameOf: own },
      },
    ],
  });
}

/** Checks an event by the standard's own schemas, each facet by that of its name. */
function validator(): (event: OpenLineageEvent) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const read = (path: string) => JSON.parse(readFileSync(join(schemas, path), 'utf8'));
  const whole = ajv.compile(read('OpenLineage.json'));
  const files = readdirSync(join(schemas, 'facets')).map((file) => read(`facets/${file}`));
  for (const schema of files) ajv.addSchema(schema);
  const checkFacets = (facets: Readonly<Record<string, unknown>>): void => {
    for (const [name, facet] of Object.entries(facets)) {
      const url = String((facet as { _schemaURL: unknown })._schemaURL);
      const id = url.split('#')[0];
      const schema = files.find(({ $id }) => $id === id);
      assert.ok(schema, `${name} names the schema ${url}`);
      assert.ok(ajv.validate(`${url}`, facet), `${name}: ${ajv.errorsText()}`);
      assert.ok(name in schema.properties, `${name} is a facet of ${id}`);
    }
  };
  return (event) => {
    assert.ok(whole(event), ajv.errorsText(whole.errors));
    checkFacets(event.run.facets);
    checkFacets(event.job.facets);
    for (const dataset of [...event.inputs, ...event.outputs]) {
      checkFacets(dataset.facets);
      checkFacets(dataset.inputFacets ?? {});
      checkFacets(dataset.outputFacets ?? {});
    }
  };
}

test('events and all their facets are valid by the standard', { skip }, () => {
  const check = validator();
  for (const state of ['START', 'RUNNING', 'COMPLETE', 'FAIL', 'ABORT'] as const) {
    check(fullEvent(state));
  }
  const bad = fullEvent('START');
  assert.throws(() => check({ ...bad, run: { ...bad.run, runId: '7f' } }));
  const { parent } = bad.run.facets;
  const noJob = { ...bad.run, facets: { parent: { ...parent, job: undefined } } };
  assert.throws(() => check(JSON.parse(JSON.stringify({ ...bad, run: noJob }))), /parent/);
});

test('a run has one UUID, whoever tells of it', () => {
  assert.equal(runUuid('run/7f'), runUuid('run/7f'));
  assert.notEqual(runUuid('run/7f'), runUuid('run/7e'));
  assert.match(
    runUuid('a'),
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test('what is sent is read back as it was meant', () => {
  const event = JSON.parse(JSON.stringify(fullEvent('COMPLETE')));
  const parsed = parseEvent(event, 'store');
  assert.deepEqual(
    [parsed.at, parsed.state, parsed.job, parsed.parent],
    [1_772_000_000_123, 'COMPLETE', own('nightly.clean'), runUuid('run/7f')],
  );
  const [items] = parsed.outputs;
  assert.deepEqual(items?.fields, [{ name: 'item', type: 'text' }]);
  const source = { dataset: 'dataset/backlot%3A%2F%2Fstore/plays', column: 'item' };
  assert.deepEqual(items?.sources, {
    columns: { item: [{ ...source, type: 'DIRECT', subtype: 'IDENTITY', masking: false }] },
    rows: [{ ...source, type: 'INDIRECT', subtype: 'GROUP_BY', masking: false }],
  });
});
