import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FoldTask, foldFanOuts, shardName } from './fold.ts';
import { type LayoutNode, layOut } from './layout.ts';

const chain = (length: number): LayoutNode[] =>
  Array.from({ length }, (_, at) => ({ id: `n${at}`, upstream: at === 0 ? [] : [`n${at - 1}`] }));

/** Layers of a hundred, each node after three of the layer before. */
const wide = (size: number): LayoutNode[] =>
  Array.from({ length: size }, (_, at) => ({
    id: `n${at}`,
    upstream:
      at < 100 ? [] : [0, 37, 61].map((step) => `n${at - 100 - (at % 100) + ((at + step) % 100)}`),
  }));

test('a node stands one column after its longest path', () => {
  const { nodes } = layOut([
    { id: 'a', upstream: [] },
    { id: 'b', upstream: ['a'] },
    { id: 'c', upstream: ['a', 'b'] },
    { id: 'd', upstream: ['a'] },
  ]);
  const layer = (id: string) => nodes.get(id)?.layer;
  assert.deepEqual(['a', 'b', 'c', 'd'].map(layer), [0, 1, 2, 1]);
});

test('sweeps uncross what can be uncrossed', () => {
  const { nodes } = layOut([
    { id: 'a', upstream: [] },
    { id: 'b', upstream: [] },
    { id: 'under-b', upstream: ['b'] },
    { id: 'under-a', upstream: ['a'] },
  ]);
  const row = (id: string): number => nodes.get(id)!.row;
  assert.equal(row('a') < row('b'), row('under-a') < row('under-b'));
});

test('edges always point right, names nobody defines and rings are left out', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(12), { maxLength: 4 }), { maxLength: 12 }), (graph) => {
      const found = layOut(
        graph.map((after, at) => ({ id: `n${at}`, upstream: after.map((id) => `n${id}`) })),
      );
      assert.equal(found.nodes.size, graph.length);
      for (const [start, end] of found.edges) {
        assert.ok(found.nodes.get(start)!.layer < found.nodes.get(end)!.layer);
      }
      const taken = [...found.nodes.values()].map(({ layer, row }) => `${layer} ${row}`);
      assert.equal(new Set(taken).size, taken.length, 'no two nodes share a place');
    }),
  );
});

test('an edge over several columns has a place of its own in each', () => {
  const { nodes, edges } = layOut([
    { id: 'a', upstream: [] },
    { id: 'b', upstream: ['a'] },
    { id: 'c', upstream: ['b'] },
    { id: 'd', upstream: ['c', 'a'] },
  ]);
  const long = edges.find(([start, end]) => start === 'a' && end === 'd');
  assert.equal(long?.[2].length, 2);
  ['b', 'c'].forEach((id, at) => {
    assert.ok(Math.abs(nodes.get(id)!.row - long![2][at]!) >= 1, 'it does not pass behind a node');
  });
  assert.deepEqual(
    edges.filter((edge) => edge !== long).map(([, , via]) => via),
    [[], [], []],
  );
});

/** Each node after one close by and one far away: most edges are long. */
const far = (size: number): LayoutNode[] =>
  Array.from({ length: size }, (_, at) => ({
    id: `n${at}`,
    upstream: at < 20 ? [] : [`n${at - 20}`, `n${(at * 7919) % (at - 19)}`],
  }));

test('10,000 nodes cost ten times as much as 1,000, wide or deep', (t) => {
  for (const [name, make] of [
    ['chain', chain],
    ['wide', wide],
    ['far', far],
  ] as const) {
    const small = layOut(make(1000)).operations;
    const large = layOut(make(10_000)).operations;
    t.diagnostic(`${name}: ${large} operations`);
    assert.ok(large <= small * 11, `${name}: ${large} against ${small}`);
    // Four sweeps over a node, its edges and the bends that long edges may have.
    assert.ok(large < 10_000 * 60, `${name}: ${large} operations`);
  }
});

test('shards fold into one node that shows its most urgent state', () => {
  const task = (
    id: string,
    sign: 'ok' | 'fail' | 'run',
    upstream: readonly string[] = [],
  ): FoldTask => ({
    id,
    task: id.split('/')[0]!,
    upstream,
    stated: { sign, word: 'state.done' },
  });
  const nodes = foldFanOuts([
    task('fit', 'ok'),
    task('evaluate/US', 'ok', ['fit']),
    task('evaluate/EG', 'fail', ['fit']),
    task('evaluate/JP', 'run', ['fit']),
    task('card', 'ok', ['evaluate/US', 'evaluate/EG', 'evaluate/JP']),
  ]);
  assert.deepEqual(
    nodes.map(({ id }) => id),
    ['fit', 'evaluate', 'card'],
  );
  assert.equal(nodes[1]?.stated.sign, 'fail');
  assert.equal(nodes[1]?.done, 1);
  assert.deepEqual(
    nodes[1]?.tasks.map(({ id }) => shardName(id)),
    ['EG', 'JP', 'US'],
  );
  assert.deepEqual(nodes[2]?.upstream, ['evaluate']);
});
