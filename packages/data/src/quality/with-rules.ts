import type { Purpose } from '@backlot/access';
import { type Columns, type Table, type TableOptions, table } from '../contract.ts';
import { type Relation, relation, type ShapeOf } from '../relations/relation.ts';
import type { RuleGiven } from './rule.ts';

/**
 * The same table with quality rules. Where rules are relations of one's own, they are made from the
 * table's rows, which are typed.
 *
 * @example
 * const plays = withRules(table('plays', columns, { purposes: ['measure'] }), (rows) => [
 *   unique(['account', 'playedAt']),
 *   custom('noLongSilence', rows.filter((play) => gt(play.msPlayed, 86_400_000))),
 * ]);
 */
export function withRules<const N extends string, const C extends Columns, const P extends Purpose>(
  given: Table<N, C, P>,
  rules: (rows: Relation<ShapeOf<C>, P>) => readonly RuleGiven[],
): Table<N, C, P> {
  const { rules: before = [], ...options } = given.options;
  const plain = table(given.name, given.columns, options as TableOptions<C, P>);
  const all = [...before, ...rules(relation(plain))];
  return table(given.name, given.columns, { ...options, rules: all } as TableOptions<C, P>);
}
