import type { ParametersOf } from '../constraint.ts';
import { featuresAs } from '../features.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { eachText } from './each-text.ts';
import { SparseRows } from './sparse-rows.ts';
import {
  checkTerms,
  madeOfTerms,
  type TermOptions,
  termConstraints,
  visitHashes,
} from './terms.ts';

const ownConstraints = {
  bits: {
    type: 'integer',
    min: 4,
    max: 22,
    default: 18,
    summary: 'There are 2^bits columns.',
  },
  salt: {
    type: 'integer',
    min: 0,
    max: 0x7fffffff,
    default: 0,
    summary: 'Which of many hashes is used.',
  },
  unit: {
    type: 'flag',
    default: true,
    summary: 'Whether each row is scaled to length 1.',
  },
} as const;

const constraints = { ...termConstraints, ...ownConstraints };

type Values = TermOptions & ParametersOf<typeof ownConstraints>;
export type HashedText = Specification<'hashedText', Values>;

/**
 * Texts as sparse rows of 2^bits columns: each term adds 1 or -1, by one bit of its hash, to the column that
 * other bits of it say, so that inner products are unbiased over salts before rows are scaled (Weinberger
 * and others 2009). It learns nothing: no vocabulary is kept, and new words have columns.
 *
 * @example
 * const rows = await transform(await fit(hashedText({ terms: 'characters' }), { features }), features);
 */
export function hashedText(parameters: Partial<Values> = {}): HashedText {
  return specify('hashedText', constraints, parameters);
}

export const hashedTextKind: TabularKind<Values> = {
  kind: 'hashedText',
  family: 'text',
  roles: ['transformer'],
  summary: 'Terms of a text added up by their hashes, with signs.',
  constraints,
  accepts: ['texts'],
  missing: false,
  target: 'none',
  memory: () => 0,
  made: (size, parameters) => madeOfTerms(size, parameters, 2 ** parameters.bits),
  fit: async ({ parameters }) => {
    checkTerms('hashedText', parameters);
    return { outputs: 2 ** parameters.bits, tensors: {} };
  },
  tensors: () => ({}),
  transform: async (model, features, options) => {
    const { parameters } = model.specification;
    const { texts } = featuresAs(features, 'texts');
    const mask = 2 ** parameters.bits - 1;
    const rows = new SparseRows(texts.length, mask + 1);
    const add = (hash: number) => rows.add(hash & mask, hash >>> 31 === 1 ? -1 : 1);
    const asItIs = (sum: number) => sum;
    await eachText(texts, options, 'transform', (text) => {
      visitHashes(text, parameters, parameters.salt, add);
      rows.end(asItIs, parameters.unit);
    });
    return rows.matrix();
  },
};
