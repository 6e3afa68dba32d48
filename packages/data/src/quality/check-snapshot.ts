import type { Purpose } from '@backlot/access';
import { assert, type Digest, digestOf } from '@backlot/core';
import { type ContractData, columnType } from '../contract.ts';
import type { SnapshotProfile } from '../duckdb/profile.ts';
import { driftBetween } from '../profiles/drift.ts';
import type { Row } from '../relations/reference/expression.ts';
import { contractRelation, type Field, type Relation, type Shape } from '../relations/relation.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { checkRules } from './check-rules.ts';
import {
  countOf,
  failingRows,
  isRowRule,
  newestOf,
  type Others,
  placesOf,
  rowCounts,
} from './failing-rows.ts';
import { BadQualityCheck } from './quality-error.ts';
import {
  type QualityRule,
  type RuleGiven,
  type RuleKind,
  ruleColumns,
  ruleData,
  ruleName,
} from './rule.ts';

/** What checking one rule found, as JSON data: counts and places, never a value. */
export interface RuleResult {
  readonly rule: string;
  readonly kind: RuleKind;
  readonly columns: readonly string[];
  readonly severity: 'block' | 'warn';
  readonly passed: boolean;
  /** Rows that were looked at. */
  readonly checked: number;
  /** Rows that break the rule; of a rule about the whole, 1 where it does not hold. */
  readonly failing: number;
  /**
   * Places of the first of them, from 1, among all rows sorted by the table's columns in order;
   * none of a custom rule or one about the whole.
   */
  readonly sample: readonly number[];
  /** What rules about the whole measured: hours of age, or drift. */
  readonly measured?: Readonly<Record<string, number>>;
  /** Why nothing could be compared, where that is so: the rule then passes. */
  readonly note?: 'no snapshot before' | 'nothing to compare' | 'rows may not be measured';
}

/** The rules of a table checked on one snapshot. */
export interface QualityReport {
  readonly table: string;
  readonly snapshot: Digest;
  readonly engine: 'duckdb' | 'spark';
  /** The digest of the rules that were checked. */
  readonly rules: Digest;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  /** Whether no rule that blocks is broken. */
  readonly passed: boolean;
  readonly results: readonly RuleResult[];
}

/** What rules run on: both engines are one. */
export interface QualityEngine {
  rows(
    relation: Relation<Shape>,
    options: {
      readonly snapshots: readonly Snapshot[];
      readonly purpose: Purpose;
      readonly signal?: AbortSignal;
    },
  ): Promise<readonly unknown[]>;
}

export interface CheckOptions {
  readonly engine: QualityEngine;
  readonly engineName: 'duckdb' | 'spark';
  readonly snapshot: Snapshot;
  /** Snapshots of other tables that rules refer to, opened for the same purpose. */
  readonly others?: readonly Snapshot[];
  /**
   * The rules as the project defines them now: custom ones hold their relations. Absent: those of the
   * snapshot's own contract.
   */
  readonly rules?: readonly RuleGiven[];
  /** For rules of distribution; absent: they pass with a note. */
  readonly profiles?:
    | { readonly before: SnapshotProfile; readonly now: SnapshotProfile }
    | 'rows may not be measured';
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly signal?: AbortSignal;
}

const sampled = 5;
type Rows = Relation<Record<string, Field>>;

/**
 * Checks a snapshot against the rules of its contract. Rules of single rows are one pass together;
 * places of bad rows are only looked for where there are some.
 *
 * @throws BadQualityCheck where a table that a rule refers to, or a custom rule's relation, is not given
 */
export async function checkSnapshot(options: CheckOptions): Promise<QualityReport> {
  const { snapshot, at, engineName } = options;
  const { contract } = snapshot.manifest;
  const rules = (options.rules ?? contract.rules ?? []).map(ruleData);
  const types = contract.columns.map((column) => ({ name: column.name, type: columnType(column) }));
  checkRules(rules, types, `table/${contract.table}`);
  const rows = contractRelation(contract) as Rows;
  const broken = await countRowRules(options, rows, rules);
  const results: RuleResult[] = [];
  for (const rule of rules) {
    const found = isRowRule(rule)
      ? ofShare(rule, broken.rows, broken.of(rule))
      : await checkRule(options, rows, rule);
    results.push(await withSample(options, rows, rule, found));
  }
  return {
    ...{ table: contract.table, snapshot: snapshot.digest, engine: engineName, at },
    rules: rulesDigest(rules),
    passed: results.every(({ passed, severity }) => passed || severity === 'warn'),
    results,
  };
}

/** Names a list of rules. */
export function rulesDigest(rules: readonly RuleGiven[]): Digest {
  return digestOf(rules.map(ruleData));
}

async function countRowRules(
  options: CheckOptions,
  rows: Rows,
  rules: readonly QualityRule[],
): Promise<{ readonly rows: number; of(rule: QualityRule): number }> {
  const those = rules.filter(isRowRule);
  if (those.length === 0) return { rows: options.snapshot.manifest.rows, of: () => 0 };
  const counts = await one(options, rowCounts(rows, those));
  const of = (rule: QualityRule): number =>
    Number(counts[`broken${those.indexOf(rule as never)}`] ?? 0);
  return { rows: Number(counts.rows), of };
}

async function checkRule(
  options: CheckOptions,
  rows: Rows,
  rule: QualityRule,
): Promise<RuleResult> {
  if (rule.kind === 'freshness') return checkFreshness(options, rows, rule);
  if (rule.kind === 'distribution') return checkDistribution(options, rule);
  const failing = failingRows(rows, rule, othersOf(options));
  assert(failing !== undefined, 'a rule of rows has rows that fail');
  const counted = Number((await one(options, countOf(failing))).rows);
  return ofShare(rule, options.snapshot.manifest.rows, counted);
}

function ofShare(rule: QualityRule, checked: number, failing: number): RuleResult {
  const allowed = 'maxShare' in rule ? rule.maxShare * checked : 0;
  return { ...base(rule), passed: failing <= allowed, checked, failing };
}

async function checkFreshness(
  options: CheckOptions,
  rows: Rows,
  rule: Extract<QualityRule, { kind: 'freshness' }>,
): Promise<RuleResult> {
  const found = await one(options, newestOf(rows, rule.column));
  const checked = Number(found.rows);
  if (found.newest === null || found.newest === undefined) {
    return { ...base(rule), passed: false, checked, failing: 1 };
  }
  const ageHours = (options.at - newestMs(options.snapshot, rule.column, found.newest)) / 3_600_000;
  const passed = ageHours <= rule.withinHours;
  return { ...base(rule), passed, checked, failing: passed ? 0 : 1, measured: { ageHours } };
}

/** A day is as new as its end. */
function newestMs({ manifest }: Snapshot, name: string, newest: unknown): number {
  const column = manifest.contract.columns.find((each) => each.name === name);
  return column?.kind === 'date' ? (Number(newest) + 1) * 86_400_000 : Number(newest) / 1_000;
}

function checkDistribution(
  { profiles, snapshot }: CheckOptions,
  rule: Extract<QualityRule, { kind: 'distribution' }>,
): RuleResult {
  const checked = snapshot.manifest.rows;
  const pass = { ...base(rule), passed: true, checked, failing: 0 } as const;
  if (!profiles) return { ...pass, note: 'no snapshot before' };
  if (typeof profiles === 'string') return { ...pass, note: profiles };
  const drift = driftBetween(profiles.before, profiles.now).find(
    ({ name }) => name === rule.column,
  );
  const { psi, ks, top: categories, nulls } = drift ?? {};
  const shift = nulls === undefined ? undefined : Math.abs(nulls);
  const found = { psi, ks, nulls: shift, categories };
  const asked = (['psi', 'ks', 'nulls', 'categories'] as const).filter(
    (name) => rule[name] !== undefined && found[name] !== undefined,
  );
  if (asked.length === 0) return { ...pass, note: 'nothing to compare' };
  const measured = Object.fromEntries(asked.map((name) => [name, found[name]!]));
  const passed = asked.every((name) => found[name]! <= rule[name]!);
  return { ...pass, passed, failing: passed ? 0 : 1, measured };
}

function base(rule: QualityRule) {
  const { kind, severity } = rule;
  return { rule: ruleName(rule), kind, columns: ruleColumns(rule), severity, sample: [] } as const;
}

async function withSample(
  options: CheckOptions,
  rows: Rows,
  rule: QualityRule,
  found: RuleResult,
): Promise<RuleResult> {
  if (found.failing === 0) return found;
  const places = placesOf(rows, rule, othersOf(options), sampled);
  if (!places) return found;
  const sample = (await run(options, places)).map(({ place }) => Number(place));
  return { ...found, sample };
}

function othersOf(options: CheckOptions): Others {
  const contracts = [options.snapshot, ...(options.others ?? [])].map(
    (each) => each.manifest.contract,
  );
  return {
    table: (name) => contractRelation(contractOf(contracts, name)) as Rows,
    custom: (rule) => {
      const given = options.rules?.find(
        (each) => each.kind === 'custom' && each.relation === rule.relation,
      );
      if (given?.failing) return given.failing as Rows;
      throw new BadQualityCheck(`the relation of ${ruleName(rule)} is not the one defined here`);
    },
  };
}

function contractOf(contracts: readonly ContractData[], name: string): ContractData {
  const found = contracts.find(({ table }) => table === name);
  if (found) return found;
  throw new BadQualityCheck(`a rule refers to table ${name}, of which no snapshot is given`);
}

async function one(options: CheckOptions, relation: Rows): Promise<Row> {
  const [row] = await run(options, relation);
  assert(row !== undefined, 'an aggregate without keys answers one row');
  return row;
}

async function run(options: CheckOptions, relation: Rows): Promise<readonly Row[]> {
  const { engine, snapshot, others = [], signal } = options;
  const rows = await engine.rows(relation, {
    ...{ snapshots: [snapshot, ...others], purpose: snapshot.purpose },
    ...(signal !== undefined && { signal }),
  });
  return rows as readonly Row[];
}
