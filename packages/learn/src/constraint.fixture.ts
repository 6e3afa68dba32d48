import type { Constraint } from './constraint.ts';

/** Values that a constraint must refuse. */
export function refusedValues(constraint: Constraint): readonly unknown[] {
  switch (constraint.type) {
    case 'integer':
    case 'number': {
      const { type, min, max, above } = constraint;
      const outside = [min - 1, max * 2 + 1, Number.NaN, Infinity, '1', {}];
      return [...outside, ...(above ? [min] : []), ...(type === 'integer' ? [min + 0.5] : [])];
    }
    case 'integers':
    case 'numbers': {
      const { min, max, maxLength } = constraint;
      return [1, '1', [min - 1], [max * 2 + 1], [Number.NaN], new Array(maxLength + 1).fill(min)];
    }
    case 'choice':
      return ['no such choice', 1, true, {}];
    case 'flag':
      return [0, 'true', {}];
    case 'estimator':
      return [1, 'ridge', {}, { kind: 'constant' }, { kind: 'noSuchKind', parameters: {} }];
    case 'branches':
      return [1, {}, [{ columns: [1], estimator: { kind: 'constant', parameters: {} } }], [{}]];
    case 'estimators':
      return [1, 'ridge', {}, [{ kind: 1, parameters: {} }]];
  }
}
