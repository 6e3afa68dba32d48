import { compareValues } from '../compare-values.ts';
import type { Equatable, Expression, Ordered } from '../expression.ts';
import { fieldOf } from '../expression.ts';
import type { Measure } from '../measure.ts';
import type { MeasureNode } from '../nodes.ts';
import type { AggregateDefinition, AggregateDefinitions, Value } from './definition.ts';
import { type MeasureOptions, measure } from './measures.ts';

export type CollectionOperation = 'maxBy' | 'minBy' | 'collectList' | 'collectSet' | 'joinText';

type Row = readonly Value[];

/** The value beside the extreme key: keys first, then values, a missing one last. */
function beside(name: 'max' | 'min'): AggregateDefinition {
  const sign = name === 'max' ? 1 : -1;
  const better = ([key, value]: Row, [bestKey, bestValue]: Row, node: MeasureNode): boolean => {
    const order = sign * compareValues(key!, bestKey!, node.operands[0]?.type);
    if (order !== 0) return order > 0;
    if (value === null || bestValue === null) return value !== null;
    return sign * compareValues(value!, bestValue!, node.type) > 0;
  };
  // The missing value's mark, so that it loses on both sides.
  const mark = name === 'max' ? 'IS NOT NULL' : 'IS NULL';
  return {
    value: (rows, node) =>
      rows.reduce<Row | undefined>(
        (best, row) => (best === undefined || better(row, best, node) ? row : best),
        undefined,
      )?.[1] ?? null,
    duckdb: ([key, value]) =>
      `arg_${name}_null(${value}, CASE WHEN ${key} IS NOT NULL
        THEN struct_pack(k := ${key}, m := ${value} ${mark}, v := ${value}) END)`,
    spark: ([key, value]) =>
      `${name}_by(${value}, CASE WHEN ${key} IS NOT NULL
        THEN named_struct('k', ${key}, 'm', ${value} ${mark}, 'v', ${value}) END)`,
  };
}

/** Values by their key and then by themselves; a missing key comes first. */
function ordered(rows: readonly Row[], node: MeasureNode): readonly Value[] {
  const by = node.operands[1]?.type;
  return [...rows]
    .sort(([a, ka], [b, kb]) => {
      if (ka !== kb && (ka === null || kb === null)) return ka === null ? -1 : 1;
      const order = ka === null ? 0 : compareValues(ka!, kb!, by);
      return order || compareValues(a!, b!, node.operands[0]?.type);
    })
    .map(([value]) => value!);
}

const orderBy = ([of, by]: readonly string[]): string => `ORDER BY ${by} NULLS FIRST, ${of}`;

/** Spark's lists come in no order: pairs are collected, sorted, and stripped of their keys. */
function sparkList([of, by]: readonly string[]): string {
  const pair = `CASE WHEN ${of} IS NOT NULL THEN named_struct('k', ${by}, 'v', ${of}) END`;
  return `transform(array_sort(collect_list(${pair})), pair -> pair.v)`;
}

export const collectionFunctions: AggregateDefinitions<CollectionOperation> = {
  maxBy: beside('max'),
  minBy: beside('min'),
  collectList: {
    value: ordered,
    duckdb: (operands) =>
      `coalesce(list(${operands[0]} ${orderBy(operands)}) FILTER (WHERE ${operands[0]} IS NOT NULL), [])`,
    spark: sparkList,
  },
  collectSet: {
    value: (rows, node) => {
      const type = node.operands[0]?.type;
      const all = rows.map(([value]) => value!).sort((a, b) => compareValues(a, b, type));
      return all.filter((one, at) => at === 0 || compareValues(all[at - 1]!, one, type) !== 0);
    },
    duckdb: ([of]) =>
      `coalesce(list_sort(list(DISTINCT ${of}) FILTER (WHERE ${of} IS NOT NULL)), [])`,
    // Spark's set takes each NaN for another.
    spark: ([of]) => `array_sort(array_distinct(collect_set(${of})))`,
  },
  joinText: {
    value: (rows, node) =>
      rows.length === 0 ? null : ordered(rows, node).join(String(node.parameters?.separator)),
    duckdb: (operands, node, bind) =>
      `string_agg(${operands[0]}, ${bind('text', String(node.parameters?.separator))} ${orderBy(operands)})`,
    spark: (operands, node, bind) =>
      `(CASE WHEN count(${operands[0]}) > 0
        THEN array_join(${sparkList(operands)}, ${bind('text', String(node.parameters?.separator))})
        END)`,
  },
};

function besideKey(aggregation: 'maxBy' | 'minBy') {
  return <V extends Equatable>(
    of: Expression<V>,
    key: Expression<Ordered>,
    options?: MeasureOptions,
  ): Measure<V, true> =>
    measure(aggregation, [key, of], { ...fieldOf(of.node), nullable: true }, options);
}

/**
 * The value of the row with the greatest key; of several the greatest value, a missing one only if
 * all are. Rows without a key do not count.
 */
export const maxBy = besideKey('maxBy');
/** The value of the row with the least key; of several the least value. */
export const minBy = besideKey('minBy');

const listTypes = { text: 'texts', float: 'numbers', int: 'ints' } as const;

type ItemType = keyof typeof listTypes;

/** The values as a list in the order of a key and then their own; without missing ones. */
export function collectList<V extends ItemType>(
  of: Expression<V>,
  by: Expression<Ordered> = of as unknown as Expression<Ordered>,
  options?: MeasureOptions,
): Measure<(typeof listTypes)[V], false> {
  const type = listTypes[of.node.type as ItemType];
  return measure('collectList', [of, by], { type, nullable: false }, options);
}

/** The different values as a list in order; without missing ones. */
export function collectSet<V extends ItemType>(
  of: Expression<V>,
  options?: MeasureOptions,
): Measure<(typeof listTypes)[V], false> {
  const type = listTypes[of.node.type as ItemType];
  return measure('collectSet', [of], { type, nullable: false }, options);
}

/** Texts joined with a separator, in the order of a key and then their own; missing without any. */
export function joinText(
  of: Expression<'text'>,
  separator: string,
  by: Expression<Ordered> = of,
  options?: MeasureOptions,
): Measure<'text', true> {
  return measure('joinText', [of, by], { type: 'text', nullable: true }, options, { separator });
}
