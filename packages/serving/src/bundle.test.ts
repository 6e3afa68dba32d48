import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson, seededRandom } from '@backlot/core';
import { type BundleContent, decodeBundle, encodeBundle } from './bundle.ts';
import { BundleRefused } from './error.ts';
import { bundleContent, pseudonymOf, rowsOf } from './testing/bundle-fixture.ts';

test('a bundle comes back as it went in, and twice as the same bytes', () => {
  const content = bundleContent();
  const bytes = encodeBundle(content);
  assert.deepEqual(encodeBundle(bundleContent()), bytes);
  const bundle = decodeBundle(bytes);
  for (const part of [
    'estimator',
    'specification',
    'inputs',
    'users',
    'items',
    'seen',
    'popularity',
    'storefronts',
  ] as const) {
    assert.deepEqual(bundle[part], content[part], part);
  }
  assert.deepEqual(bundle.storefrontPopularity, content.storefrontPopularity);
  assert.deepEqual(new Uint8Array(bundle.model), new Uint8Array(content.model));
  const { catalogue } = bundle;
  assert.deepEqual(
    content.items.map((_, item) => catalogue.title(item)),
    content.facts.map(({ title }) => title),
  );
  assert.equal(catalogue.title(0, 'ja'), 'アンバー');
  assert.equal(catalogue.title(0, 'ja-JP'), 'アンバー');
  assert.equal(catalogue.title(0, 'pt-PT'), 'Amber');
  assert.equal(catalogue.title(1, 'ja'), 'Basalt');
  assert.deepEqual(catalogue.genres(0), ['drama', 'mystery']);
  assert.equal(catalogue.mediaKind(3), 'film');
  assert.deepEqual(
    [0, 1].map((storefront) => catalogue.available(storefront)[5]),
    [0, 1],
  );
});

test('bytes that do not lie at a multiple of eight are read all the same', () => {
  const bytes = encodeBundle(bundleContent());
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assert.deepEqual(decodeBundle(shifted.subarray(3)).popularity, decodeBundle(bytes).popularity);
});

test('a bundle without users, storefronts or facts beyond titles is one too', () => {
  const bare = bundleContent({
    ...{ users: [], seen: rowsOf([]), storefronts: [], model: new Uint8Array() },
    facts: bundleContent().facts.map(({ title }) => ({ title })),
  });
  const { storefrontPopularity: _s, ...content } = bare;
  const bundle = decodeBundle(encodeBundle(content));
  assert.equal(bundle.catalogue.mediaKind(0), undefined);
  assert.deepEqual(bundle.catalogue.genres(0), []);
});

test('content that would not be read is not written', () => {
  const bad: readonly (readonly [string, Partial<BundleContent>])[] = [
    ['raw account', { users: ['ana@example.com', ...bundleContent().users.slice(1)] }],
    ['user twice', { users: Array.from({ length: 4 }, () => pseudonymOf('ana')) }],
    ['item twice', { items: Array.from({ length: 6 }, () => 'film') }],
    ['empty item', { items: ['', 'b', 'c', 'd', 'e', 'f'] }],
    ['NaN popularity', { popularity: Float32Array.of(1, 2, Number.NaN, 4, 5, 6) }],
    ['infinite popularity', { popularity: Float32Array.of(1, 2, Infinity, 4, 5, 6) }],
    ['negative popularity', { popularity: Float32Array.of(1, 2, -3, 4, 5, 6) }],
    ['short popularity', { popularity: Float32Array.of(1) }],
    ['seen past the last item', { seen: rowsOf([[0], [6], [], []]) }],
    ['seen descends', { seen: rowsOf([[1, 0], [], [], []]) }],
    ['seen twice', { seen: rowsOf([[1, 1], [], [], []]) }],
    ['seen of too few users', { seen: rowsOf([[1]]) }],
    ['NaN weight', { seen: rowsOf([[0], [], [], []], [[Number.NaN]]) }],
    [
      'offsets fall',
      { seen: { ...rowsOf([[0, 1], [], [], []]), offsets: Int32Array.of(0, 2, 1, 2, 2) } },
    ],
    [
      'offsets overflow',
      {
        seen: {
          ...rowsOf([[0, 1], [], [], []]),
          offsets: Int32Array.of(0, 2, 2, 2, 2 ** 31 - 1),
        },
      },
    ],
    ['facts of too few items', { facts: bundleContent().facts.slice(1) }],
    ['storefront in lower case', { storefronts: ['br', 'jp'] }],
    ['input without digest', { inputs: { plays: 'plays' as never } }],
    [
      'long title',
      { facts: bundleContent().facts.map((item) => ({ ...item, title: 'x'.repeat(5_000) })) },
    ],
    ['negative item', { seen: rowsOf([[-1], [], [], []]) }],
    [
      'negative offset',
      { seen: { ...rowsOf([[0], [], [], []]), offsets: Int32Array.of(0, -1, 1, 1, 1) } },
    ],
    ['weight of zero', { seen: rowsOf([[0], [], [], []], [[0]]) }],
    ['estimator out of grammar', { estimator: '../pickle' }],
  ];
  for (const [name, change] of bad) {
    assert.throws(() => encodeBundle(bundleContent(change)), BundleRefused, name);
  }
});

test('every truncation is refused', () => {
  const bytes = encodeBundle(bundleContent());
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeBundle(bytes.subarray(0, length)), BundleRefused, `${length} bytes`);
  }
  assert.throws(() => decodeBundle(Buffer.concat([bytes, new Uint8Array(8)])), BundleRefused);
  console.log(`bundle of ${bytes.length} bytes: each truncation refused`);
});

test('a changed byte is refused or read as another valid bundle, never as an error of ours', () => {
  const bytes = encodeBundle(bundleContent());
  let refused = 0;
  for (let at = 0; at < bytes.length; at++) {
    for (const bits of [0x01, 0x80, 0xff]) {
      const changed = bytes.slice();
      changed[at]! ^= bits;
      try {
        decodeBundle(changed);
      } catch (error) {
        assert.ok(error instanceof BundleRefused, `byte ${at}: ${error}`);
        refused++;
      }
    }
  }
  assert.ok(refused > bytes.length);
});

test('headers of hostile shape are refused within bounds', () => {
  const bytes = encodeBundle(bundleContent());
  const length = new DataView(bytes.buffer).getUint32(8, true);
  const header = JSON.parse(Buffer.from(bytes.subarray(16, 16 + length)).toString());
  const body = bytes.subarray(Math.ceil((16 + length) / 8) * 8);
  const text = canonicalJson(header);
  const section = header.sections[0];
  const hostile: readonly string[] = [
    text.replace('{', '{"kind":"recommender",'),
    text.replace('{', '{ '),
    text.replace('"version":1', '"version":2'),
    text.replace('"users":4', '"users":268435457'),
    text.replace('"users":4', '"users":-1'),
    text.replace('"users":4', '"users":5'),
    canonicalJson({ ...header, extra: 1 }),
    canonicalJson({ ...header, sections: [] }),
    canonicalJson({ ...header, sections: [...header.sections, section] }),
    canonicalJson({ ...header, sections: header.sections.slice(1) }),
    canonicalJson({ ...header, sections: [{ ...section, count: 2 ** 31 }] }),
    canonicalJson({ ...header, sections: [{ ...section, count: -1 }] }),
    canonicalJson({ ...header, sections: [{ ...section, count: 0.5 }] }),
    canonicalJson({ ...header, sections: [{ ...section, type: 'object' }] }),
    canonicalJson({ ...header, sections: [{ ...section, type: 'constructor' }] }),
    canonicalJson({ ...header, sections: [null] }),
    canonicalJson({
      ...header,
      sections: [...header.sections, { name: 'code', type: 'u8', count: 0 }],
    }),
    canonicalJson({ ...header, storefronts: ['BR', 'BR'] }),
    canonicalJson({ ...header, storefronts: 'BR' }),
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    '[]',
    'null',
    '"\ud800"',
    '',
  ];
  for (const one of hostile) {
    assert.throws(() => decodeBundle(withHeader(one, body)), BundleRefused, one.slice(0, 80));
  }
  assert.ok(decodeBundle(withHeader(text, body)), 'the way these are put together is right');
});

test('random bytes are refused', () => {
  const random = seededRandom(11);
  for (let index = 0; index < 2_000; index++) {
    const bytes = Uint8Array.from({ length: random.below(200) }, () => random.below(256));
    if (index % 2 === 0) bytes.set(Buffer.from('BKLTREC1').subarray(0, bytes.length));
    assert.throws(() => decodeBundle(bytes), BundleRefused);
  }
});

function withHeader(text: string, body: Uint8Array): Uint8Array {
  const header = Buffer.from(text, 'utf8');
  const head = Buffer.alloc(Math.ceil((16 + header.length) / 8) * 8);
  head.write('BKLTREC1');
  head.writeUInt32LE(header.length, 8);
  header.copy(head, 16);
  return Buffer.concat([head, body]);
}
