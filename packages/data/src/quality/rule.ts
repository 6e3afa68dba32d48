import type { Purpose } from '@backlot/access';
import { type Digest, digestOf } from '@backlot/core';
import { BadContract } from '../data-error.ts';
import type { Relation, Shape } from '../relations/relation.ts';

/** What a broken rule does: nothing reads the snapshot until it is mended, or it is only told. */
export type Severity = 'block' | 'warn';

interface Common {
  readonly severity: Severity;
}

/** Rules of single rows hold as long as at most this share of them is bad; 0 to 1. */
interface Share {
  readonly maxShare: number;
}

/** How far a column may move from the snapshot before; what is absent is not looked at. */
interface DriftLimits {
  /** The population stability index; 0.1 is some, 0.2 a lot. */
  readonly psi?: number;
  /** The Kolmogorov-Smirnov distance, 0 to 1. */
  readonly ks?: number;
  /** The share of missing values, up or down, 0 to 1. */
  readonly nulls?: number;
  /** The distance between the shares of the most frequent texts, 0 to 1. */
  readonly categories?: number;
}

/** A quality rule as plain JSON, as contracts hold it. */
export type QualityRule =
  | (Common & Share & { readonly kind: 'notNull'; readonly column: string })
  | (Common &
      Share & {
        readonly kind: 'range';
        readonly column: string;
        /** Inclusive; ISO text for times, decimal text for `int64` and `decimal`. */
        readonly min?: number | string;
        readonly max?: number | string;
      })
  | (Common & { readonly kind: 'unique'; readonly columns: readonly string[] })
  | (Common &
      Share & {
        readonly kind: 'references';
        readonly column: string;
        readonly table: string;
        /** The column there. */
        readonly to: string;
      })
  | (Common & {
      readonly kind: 'freshness';
      readonly column: string;
      readonly withinHours: number;
    })
  | (Common & DriftLimits & { readonly kind: 'distribution'; readonly column: string })
  | (Common & { readonly kind: 'custom'; readonly name: string; readonly relation: Digest });

export type RuleKind = QualityRule['kind'];

/** A rule as users write it: a custom one also holds its relation, which JSON contracts only name. */
export type RuleGiven = QualityRule & { readonly failing?: Relation<Shape, Purpose> };

interface RuleOptions {
  /** Default `block`. */
  readonly severity?: Severity;
}
interface RowRuleOptions extends RuleOptions {
  /** The share of rows that may be bad; default 0. */
  readonly maxShare?: number;
}

/** The column has a value in every row. */
export function notNull(column: string, options: RowRuleOptions = {}): QualityRule {
  return made({ kind: 'notNull', column, ...rowOptions(options) });
}

/** Values lie from `min` to `max`; missing ones pass, NaN does not. */
export function range(
  column: string,
  options: RowRuleOptions & { readonly min?: number | string; readonly max?: number | string },
): QualityRule {
  const { min, max } = options;
  if (min === undefined && max === undefined) {
    throw new BadContract(column, 'a range has a least or a greatest value, or both');
  }
  return made({
    ...{ kind: 'range', column, ...rowOptions(options) },
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  });
}

/** No two rows have the same values in these columns; rows in which one is missing pass. */
export function unique(
  columns: string | readonly string[],
  options: RuleOptions = {},
): QualityRule {
  const list = typeof columns === 'string' ? [columns] : [...columns];
  return made({ kind: 'unique', columns: Object.freeze(list), ...severityOf(options) });
}

/** Every value is one of a column of another table, or of this one; missing ones pass. */
export function references(
  column: string,
  options: RowRuleOptions & { readonly table: string; readonly to: string },
): QualityRule {
  const { table, to } = options;
  return made({ kind: 'references', column, table, to, ...rowOptions(options) });
}

/** The newest date or timestamp is at most so many hours old when the rule is checked. */
export function freshness(
  column: string,
  options: RuleOptions & { readonly withinHours: number },
): QualityRule {
  const { withinHours } = options;
  return made({ kind: 'freshness', column, withinHours, ...severityOf(options) });
}

/** The column has not moved far from the snapshot before; without limits: `psi` at most 0.2. */
export function distribution(column: string, options: RuleOptions & DriftLimits = {}): QualityRule {
  const { severity: _, ...limits } = options;
  const looked = Object.keys(limits).length === 0 ? { psi: 0.2 } : limits;
  return made({ kind: 'distribution', column, ...looked, ...severityOf(options) });
}

/**
 * A relation of one's own that answers the bad rows: none, and the rule holds. It reads the table as
 * `relation(table)` of the definition without rules; see `withRules`.
 */
export function custom(
  name: string,
  failing: Relation<Shape, Purpose>,
  options: RuleOptions = {},
): RuleGiven {
  const data = { kind: 'custom', name, relation: digestOf(failing.node) } as const;
  return made({ ...data, failing, ...severityOf(options) } as RuleGiven);
}

/** A rule without what JSON cannot say. */
export function ruleData(given: RuleGiven): QualityRule {
  const { failing: _, ...data } = given;
  return data as QualityRule;
}

/** What a rule is called in reports, such as `unique(item, day)`. */
export function ruleName(rule: QualityRule): string {
  if (rule.kind === 'custom') return `custom(${rule.name})`;
  return `${rule.kind}(${ruleColumns(rule).join(', ')})`;
}

/** The columns of the table that a rule is about; a custom rule says none. */
export function ruleColumns(rule: QualityRule): readonly string[] {
  if (rule.kind === 'unique') return rule.columns;
  return rule.kind === 'custom' ? [] : [rule.column];
}

function made<R extends object>(rule: R): R {
  return Object.freeze(rule);
}

function severityOf({ severity }: RuleOptions): Common {
  return { severity: severity ?? 'block' };
}

function rowOptions(options: RowRuleOptions): Common & Share {
  return { maxShare: options.maxShare ?? 0, ...severityOf(options) };
}
