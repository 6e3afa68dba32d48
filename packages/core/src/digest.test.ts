import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DigestStream,
  digestHex,
  digestOf,
  digestOfBytes,
  isDigest,
  parseDigest,
} from './digest.ts';
import { BacklotError } from './error.ts';

test('known answers of SHA-256 (FIPS 180-2, appendix B)', () => {
  const cases = {
    '': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    abc: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq:
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  };
  for (const [text, hex] of Object.entries(cases)) {
    assert.equal(digestOfBytes(text), `sha256:${hex}`);
    assert.equal(digestOfBytes(new TextEncoder().encode(text)), `sha256:${hex}`);
    assert.equal(digestHex(digestOfBytes(text)), hex);
  }
});

test('a stream of pieces has the digest of the whole, and counts bytes', () => {
  const stream = new DigestStream();
  for (const piece of ['a', '', 'bc']) stream.update(new TextEncoder().encode(piece));
  assert.equal(stream.bytes, 3);
  assert.equal(stream.finish(), digestOfBytes('abc'));
});

test("a value's digest is that of its canonical JSON, whatever the order of its keys", () => {
  assert.equal(digestOf({ b: [1, 'x'], a: null }), digestOfBytes('{"a":null,"b":[1,"x"]}'));
  assert.equal(digestOf({ a: 1, b: 2 }), digestOf({ b: 2, a: 1 }));
  assert.notEqual(digestOf({ a: 1 }), digestOf({ a: '1' }));
});

test('only sha256: and 64 lower-case hexadecimal digits is a digest', () => {
  const good = digestOfBytes('');
  assert.equal(parseDigest(good), good);
  const bad = [good.toUpperCase(), good.slice(0, -1), `${good}0`, `${good}\n`, ` ${good}`, ''];
  for (const text of [...bad, 'sha256:../../x', good.replace('sha256', 'sha512')]) {
    assert.equal(isDigest(text), false);
    assert.throws(() => parseDigest(text), BacklotError);
  }
  assert.equal(isDigest(undefined), false);
});
