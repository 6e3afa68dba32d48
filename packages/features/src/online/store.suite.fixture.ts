import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { OnlineStore } from './online-store.ts';

/** What every online store does; `open` answers a new, empty one, or the same one opened again. */
export function storeSuite(
  name: string,
  options: { readonly skip: string | false },
  open: (t: TestContext, again?: OnlineStore) => Promise<OnlineStore>,
): void {
  const bytes = (text: string) => Buffer.from(text);

  test(`${name}: rows are read in the order of the keys, byte for byte`, options, async (t) => {
    const store = await open(t);
    const row = Uint8Array.from({ length: 256 }, (_, index) => index);
    await store.update('e', ['b', 'a', 'é 🎧 {x}'], () => row);
    const [one, none, other] = await store.get('e', ['é 🎧 {x}', 'absent', 'a']);
    assert.deepEqual(
      [Buffer.from(one!), none, Buffer.from(other!)],
      [Buffer.from(row), undefined, Buffer.from(row)],
    );
    assert.deepEqual(await store.get('other', ['a']), [undefined]);
    assert.deepEqual(await store.get('e', []), []);
  });

  test(
    `${name}: a change is given the row as it stands, and none removes it`,
    options,
    async (t) => {
      const store = await open(t);
      await store.update('e', ['a', 'b'], (key, row) => {
        assert.equal(row, undefined);
        return bytes(key);
      });
      await store.update('e', ['b', 'a'], (key, row) =>
        key === 'a' ? undefined : Buffer.concat([row!, bytes('!')]),
      );
      const rows = await store.get('e', ['a', 'b']);
      assert.deepEqual(
        rows.map((row) => row && String(Buffer.from(row))),
        [undefined, 'b!'],
      );
      assert.deepEqual(await store.keys('e', { limit: 9 }), ['b']);
    },
  );

  test(`${name}: writers side by side lose nothing`, options, async (t) => {
    const first = await open(t);
    const second = await open(t, first);
    const add = (one: OnlineStore) =>
      one.update('e', ['n', 'm'], (_, row) =>
        bytes(String(Number(row ? String(Buffer.from(row)) : 0) + 1)),
      );
    const all = Array.from({ length: 20 }, (_, index) => add(index % 2 ? first : second));
    await Promise.all(all);
    const rows = await first.get('e', ['n', 'm']);
    assert.deepEqual(
      rows.map((row) => String(Buffer.from(row!))),
      ['20', '20'],
    );
  });

  test(
    `${name}: keys come by pages in the order of their bytes; erasing counts`,
    options,
    async (t) => {
      const store = await open(t);
      const keys = ['B', 'a', 'aa', 'b', '~', 'é', '🎧', '10', '9'];
      await store.update('e', keys, () => bytes('x'));
      await store.update('other', ['z'], () => bytes('x'));
      const wanted = keys.toSorted((x, y) => Buffer.compare(bytes(x), bytes(y)));
      const first = await store.keys('e', { limit: 4 });
      const rest = await store.keys('e', { after: first.at(-1)!, limit: 99 });
      assert.deepEqual([...first, ...rest], wanted);
      assert.equal(await store.erase('e', ['a', 'é', 'absent']), 2);
      assert.deepEqual(
        await store.keys('e', { limit: 99 }),
        wanted.filter((key) => key !== 'a' && key !== 'é'),
      );
      assert.deepEqual(await store.get('e', ['a', 'é']), [undefined, undefined]);
      assert.deepEqual(await store.keys('other', { limit: 99 }), ['z']);
    },
  );
}
