import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as learn from './index.ts';
import { describeEstimators, exampleOf } from './index.ts';

test('the example of every estimator imports what there is, and makes its specification', () => {
  for (const one of describeEstimators()) {
    const text = exampleOf(one);
    const names = /import \{ (.+) \} from/.exec(text)![1]!.split(', ');
    for (const name of names) {
      assert.equal(typeof (learn as Record<string, unknown>)[name], 'function', `${name}: ${text}`);
    }
    const made = /fit\((.+), (?:plays|train), /.exec(text)![1]!;
    const given = names.map((name) => (learn as unknown as Record<string, unknown>)[name]);
    const specification = new Function(...names, `return ${made};`)(...given);
    assert.equal(specification.kind, one.kind, text);
  }
});
