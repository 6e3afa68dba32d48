import {
  type Expression,
  embedding,
  input,
  multiplyElements,
  reshape,
  sum,
} from '@backlot/compute';
import { defineModule, type Module } from './module.ts';

/** The sum of the vectors of some items, each times its share: items (int64) and shares [n, l]. */
export function itemBag(items: number, width: number, deviation = 0.05): Module {
  return defineModule({
    parameters: { table: { shape: [items, width], start: { kind: 'normal', deviation } } },
    call: ({ own }, ids, shares) => {
      const [rows, length] = ids!.shape as [string, string];
      const weights = reshape(shares!, [rows, length, 1], shares);
      return sum(multiplyElements(embedding(own.table!, ids!), weights), [1]);
    },
  });
}

/** What `bags` feeds. */
export function bagInputs(): readonly [Expression, Expression] {
  return [input('items', ['n', 'l'], 'int64'), input('shares', ['n', 'l'])];
}
