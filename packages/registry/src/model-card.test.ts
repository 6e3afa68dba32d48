import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfBytes } from '@backlot/core';
import { cardMarkdown } from './card-markdown.ts';
import { cardBytes, cardDigest, modelCard } from './model-card.ts';
import { cardFacts } from './testing/card-fixture.ts';

test('the same facts give the same bytes, and the digest is that of the stored object', () => {
  const card = modelCard(cardFacts());
  const { model, ...rest } = cardFacts();
  assert.deepEqual(cardBytes(modelCard({ ...rest, model })), cardBytes(card));
  assert.equal(digestOfBytes(cardBytes(card)), cardDigest(card));
  assert.notEqual(cardDigest(modelCard(cardFacts({ bytes: 2 }))), cardDigest(card));
});

test('the privacy statement says plainly what went in and what was not done', () => {
  const { privacyStatement } = modelCard(cardFacts());
  assert.match(privacyStatement[0]!, /without differential privacy/);
  assert.match(privacyStatement.join('\n'), /privacy unit is one account/);
  assert.match(
    privacyStatement.join('\n'),
    /plays: 1000 rows of 90 accounts, personal columns account \(pseudonymised with a keyed hash\);/,
  );
  assert.match(
    privacyStatement.join('\n'),
    /; kept for 400 days; allowed for recommend, measure\./,
  );
  const [data] = cardFacts().data;
  const { retentionDays: _r, accounts: _a, ...bare } = data!;
  const other = modelCard(cardFacts({ data: [{ ...bare, personal: [], purposes: [] }] }));
  assert.match(
    other.privacyStatement.join('\n'),
    /1000 rows, no personal column; kept without a stated limit; allowed for no purpose/,
  );
});

test('the comparison holds the metrics that both sides have', () => {
  const card = modelCard(cardFacts());
  assert.deepEqual(
    card.comparison.map(({ name, value, baseline }) => [name, value, baseline]),
    [['ndcg@20', 0.12, 0.05]],
  );
});

test('an interval that leaves its value out is refused', () => {
  const { evaluation } = cardFacts();
  for (const change of [{ low: 0.2 }, { high: 0.1 }, { level: 1 }, { low: Number.NaN }]) {
    const metrics = [{ ...evaluation.metrics[0]!, ...change }];
    assert.throws(
      () => modelCard(cardFacts({ evaluation: { ...evaluation, metrics } })),
      /E-REGISTRY-006/,
    );
  }
});

test('the Markdown names absent slices, a missing baseline and unmeasured latency', () => {
  const markdown = cardMarkdown(modelCard(cardFacts()));
  assert.match(markdown, /### By storefront\n\nAbsent: the ratings carry no storefront\./);
  assert.match(markdown, /\| ndcg@20 \| 0.12 \| 0.11 to 0.13 \(95%\) \| 90 \|/);
  assert.match(markdown, /\| ndcg@20 \| 0.12 \| 0.05 \| 0.07 \|/);
  const { baseline: _b, latency: _l, ...bare } = cardFacts();
  const other = cardMarkdown(modelCard(bare));
  assert.match(other, /No baseline was evaluated/);
  assert.match(other, /Latency was not measured/);
});

test('names from deliveries bring no markup and no lines of their own', () => {
  const markdown = cardMarkdown(
    modelCard(
      cardFacts({
        intendedUse: 'Rank\n# Approved\n<script>alert(1)</script> [x](javascript:1) a|b',
      }),
    ),
  );
  assert.doesNotMatch(markdown, /^# Approved/m);
  assert.match(markdown, /Rank \\# Approved \\<script\\>/);
  assert.doesNotMatch(markdown, /(?<!\\)\[x/);
});
