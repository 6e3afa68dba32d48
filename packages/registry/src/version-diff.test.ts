import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MeasuredMetric, modelCard } from './model-card.ts';
import { cardFacts } from './testing/card-fixture.ts';
import { digestNamed, registration } from './testing/registry-fixture.ts';
import type { ModelVersion } from './version.ts';
import { diffJson, diffVersions } from './version-diff.ts';

const before: ModelVersion = {
  ...registration(),
  ...{
    version: 1,
    parameters: { factors: 64, alpha: 10 },
    metrics: {},
    createdBy: 'w',
    createdAt: 1,
  },
};
const after: ModelVersion = {
  ...before,
  version: 2,
  parameters: { factors: 128, alpha: 10 },
  inputs: { plays: digestNamed('later plays') },
  code: digestNamed('later code'),
};

function withNdcg(change: Partial<MeasuredMetric>): ReturnType<typeof modelCard> {
  const { evaluation } = cardFacts();
  const metric = { ...evaluation.metrics[0]!, ...change };
  return modelCard(cardFacts({ evaluation: { ...evaluation, metrics: [metric] } }));
}

test('a version differs from itself in nothing', () => {
  const one = { version: before, card: modelCard(cardFacts()) };
  const { parameters, data, card, metrics, code } = diffVersions(one, one);
  assert.deepEqual([parameters, data, card, code], [[], [], [], undefined]);
  assert.ok(
    metrics.every(({ difference, verdict }) => difference === 0 && verdict === 'undecided'),
  );
  assert.deepEqual(
    metrics.map(({ slice }) => slice),
    ['all', 'all', 'activity low'],
  );
});

test('parameters, data, code and card changes are named with both sides', () => {
  const diff = diffVersions(
    { version: before, card: modelCard(cardFacts()) },
    { version: after, card: modelCard(cardFacts({ licence: 'MIT', limitations: [] })) },
  );
  assert.deepEqual(diff.parameters, [{ path: 'factors', before: 64, after: 128 }]);
  assert.deepEqual(diff.data, [
    { path: 'plays', before: digestNamed('plays'), after: digestNamed('later plays') },
  ]);
  assert.deepEqual(diff.code, { before: digestNamed('code'), after: digestNamed('later code') });
  assert.deepEqual(
    diff.card.map(({ path }) => path),
    ['licence', 'limitations.0'],
  );
});

test('a difference is decided only when its interval leaves zero out', () => {
  const base = { version: before, card: withNdcg({}) };
  const cases = [
    [{ value: 0.15, low: 0.14, high: 0.16 }, 'better'],
    [{ value: 0.125, low: 0.115, high: 0.135 }, 'undecided'],
    [{ value: 0.09, low: 0.08, high: 0.1 }, 'worse'],
  ] as const;
  for (const [change, verdict] of cases) {
    const diff = diffVersions(base, { version: after, card: withNdcg(change) });
    assert.equal(diff.metrics[0]?.verdict, verdict);
  }
  const [change] = diffVersions(base, { version: after, card: withNdcg(cases[0][0]) }).metrics;
  // Half-widths of 0.01 and 0.01 in quadrature.
  assert.ok(Math.abs(change!.low! - (0.03 - Math.SQRT2 * 0.01)) < 1e-12);
  assert.ok(Math.abs(change!.high! - (0.03 + Math.SQRT2 * 0.01)) < 1e-12);
  const {
    low: _l,
    high: _h,
    ...bare
  } = withNdcg({ value: 0.9, high: 0.95 }).evaluation.metrics[0]!;
  const { evaluation } = cardFacts();
  const card = modelCard(cardFacts({ evaluation: { ...evaluation, metrics: [bare] } }));
  assert.equal(diffVersions(base, { version: after, card }).metrics[0]?.verdict, 'undecided');
});

test('a JSON difference stops at kinds that differ and sees what was added', () => {
  assert.deepEqual(diffJson({ a: [1] }, { a: { 0: 1 } }), [
    { path: 'a', before: [1], after: { 0: 1 } },
  ]);
  assert.deepEqual(diffJson({}, { b: null }), [{ path: 'b', after: null }]);
  assert.deepEqual(diffJson({ a: { b: 1 } }, {}), [{ path: 'a', before: { b: 1 } }]);
  assert.deepEqual(diffJson(JSON.parse('{"__proto__":1}'), {}), [{ path: '__proto__', before: 1 }]);
});
