import { BadRelation } from '../data-error.ts';
import { type Expression, literal } from '../relations/expression.ts';
import { count, max, sum } from '../relations/functions/aggregates.ts';
import { gt, lt } from '../relations/functions/comparisons.ts';
import { choose } from '../relations/functions/conditionals.ts';
import { isNull, not, or } from '../relations/functions/logic.ts';
import type { Field, Relation } from '../relations/relation.ts';
import { rowNumber } from '../relations/window.ts';
import type { QualityRule } from './rule.ts';

/** Any relation's rows: contracts that come from storage have no types. */
type Rows = Relation<Record<string, Field>>;
type Columns = Readonly<Record<string, Expression>>;

/** Rules that each row keeps or breaks by itself: all of a table are counted in one pass. */
type RowRule = Extract<QualityRule, { kind: 'notNull' | 'range' }>;

export function isRowRule(rule: QualityRule): rule is RowRule {
  return rule.kind === 'notNull' || rule.kind === 'range';
}

/** The relations that rules of relations need beside the table's own rows. */
export interface Others {
  /** The rows of a table that a rule refers to. */
  table(name: string): Rows;
  /** The relation of a custom rule. */
  custom(rule: Extract<QualityRule, { kind: 'custom' }>): Rows;
}

/** One row: how many rows there are, and how many break each of the rules. */
export function rowCounts(rows: Rows, rules: readonly RowRule[]): Rows {
  return rows.aggregate([], (columns) => ({
    rows: count(),
    ...Object.fromEntries(
      rules.map((rule, at) => [
        `broken${at}`,
        sum(choose(breaks(rule, columns), literal('int', 1), literal('int', 0))),
      ]),
    ),
  })) as unknown as Rows;
}

/** The rows that break a rule, with all their columns; undefined where a rule is of the whole. */
export function failingRows(rows: Rows, rule: QualityRule, others: Others): Rows | undefined {
  switch (rule.kind) {
    case 'notNull':
    case 'range':
      return rows.filter((columns) => breaks(rule, columns));
    case 'unique':
      return rows.join(repeated(rows, rule.columns), {
        on: rule.columns.map((column) => [column, column]),
        how: 'semi',
      } as never) as unknown as Rows;
    case 'references':
      return rows
        .filter((columns) => not(isNull(columns[rule.column]!)))
        .join(others.table(rule.table), {
          on: [[rule.column, rule.to]],
          how: 'anti',
        } as never) as unknown as Rows;
    case 'custom':
      return others.custom(rule);
    default:
      return undefined;
  }
}

/** One row with the count of a relation's. */
export function countOf(rows: Rows): Rows {
  return rows.aggregate([], () => ({ rows: count() })) as unknown as Rows;
}

/** One row: how many rows there are, and the newest time of a column. */
export function newestOf(rows: Rows, column: string): Rows {
  return rows.aggregate([], (columns) => ({
    rows: count(),
    newest: max(columns[column] as Expression<'timestamp'>),
  })) as unknown as Rows;
}

/** The places of the first rows that break a rule, in the order of the table's columns. */
export function placesOf(
  rows: Rows,
  rule: QualityRule,
  others: Others,
  most: number,
): Rows | undefined {
  if (rule.kind === 'custom') return undefined;
  const place = freeName(rows);
  const numbered = rows.window({}, () => ({ [place]: rowNumber() })) as unknown as Rows;
  return failingRows(numbered, rule, others)
    ?.select((columns) => ({ place: columns[place]! }))
    .sort('place')
    .limit(most) as unknown as Rows | undefined;
}

function freeName(rows: Rows): string {
  const taken = new Set(rows.node.fields.map(({ name }) => name.toLowerCase()));
  let name = 'rowplace';
  while (taken.has(name)) name += 'x';
  return name;
}

function repeated(rows: Rows, columns: readonly string[]): Rows {
  const counted = rows.aggregate(columns as never, () => ({ rowsOfKey: count() }));
  return counted.filter((each) => gt((each as Columns).rowsOfKey as Expression<'int'>, 1)) as never;
}

function breaks(rule: RowRule, columns: Columns): Expression<'bool'> {
  const column = columns[rule.column]!;
  if (rule.kind === 'notNull') return isNull(column);
  const value = column as Expression<'float'>;
  const bound = (given: number | string) => (column.node.type === 'int64' ? BigInt(given) : given);
  const low = rule.min !== undefined && lt(value, bound(rule.min) as never);
  const high = rule.max !== undefined && gt(value, bound(rule.max) as never);
  if (low && high) return or(low, high);
  if (low || high) return (low || high) as Expression<'bool'>;
  throw new BadRelation('a range has a least or a greatest value');
}
