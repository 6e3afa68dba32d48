import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bool,
  bytes,
  double,
  int32,
  int64,
  type Message,
  mapOf,
  message,
  nested,
  repeated,
  text,
} from './message.ts';

interface Node {
  readonly name?: string | undefined;
  readonly children?: readonly Node[] | undefined;
}
const node: Message<Node> = message({
  name: text(1),
  children: repeated(nested(2, () => node)),
});

const everything = message({
  text: text(1),
  bytes: bytes(2),
  bool: bool(3),
  int32: int32(4),
  int64: int64(5),
  double: double(6),
  texts: repeated(text(7)),
  map: mapOf(8, text),
  node: nested(150, node),
});

// Examples of the format's own documentation, written by hand.
test('fields are written as the format says', () => {
  const hex = (value: Parameters<typeof everything.encode>[0]): string =>
    Buffer.from(everything.encode(value)).toString('hex');
  assert.equal(hex({}), '');
  assert.equal(hex({ int32: 150 }), '209601');
  assert.equal(hex({ text: 'testing' }), '0a0774657374696e67');
  assert.equal(hex({ int32: -2 }), '20feffffffffffffffff01');
  assert.equal(hex({ bool: false }), '1800');
  assert.equal(hex({ double: 1 }), '31000000000000f03f');
  assert.equal(hex({ texts: ['a', 'b'] }), '3a01613a0162');
  assert.equal(hex({ map: { a: 'b' } }), '42060a0161120162');
  assert.equal(hex({ node: { name: 'a' } }), 'b209030a0161');
});

test('what is written is read again, at the edges of each type too', () => {
  const tree = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.record(
      { name: fc.string(), children: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) },
      { requiredKeys: [] },
    ),
  })).node;
  const values = fc.record(
    {
      text: fc.string({ unit: 'grapheme' }),
      bytes: fc.uint8Array(),
      bool: fc.boolean(),
      int32: fc.integer(),
      int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      double: fc.double(),
      texts: fc.array(fc.string(), { minLength: 1 }),
      map: fc.dictionary(fc.string(), fc.string(), { minKeys: 1 }),
      node: tree,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(values, (value) => {
      const read = everything.decode(everything.encode(value));
      assert.deepEqual(plain(read), plain(value));
    }),
  );
});

/** The same with plain prototypes, for those of maps and messages differ. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .map(([key, held]) => [key, plain(held)]),
  );
}

test('fields that the table does not have are skipped, and a cut message is an error', () => {
  const older = message({ int32: int32(4) });
  const bytes = everything.encode({ text: 'x', int32: 7, int64: 1n, double: 2, node: {} });
  assert.deepEqual({ ...older.decode(bytes) }, { int32: 7 });
  assert.throws(() => everything.decode(everything.encode({ text: 'testing' }).subarray(0, 4)));
});

test('a map does not take its keys for members of its prototype', () => {
  const { map } = everything.decode(everything.encode({ map: JSON.parse('{"__proto__":"x"}') }));
  assert.deepEqual(Object.entries(map ?? {}), [['__proto__', 'x']]);
  assert.ok(map && !('constructor' in map));
});
