import type { Sensitivity } from '../column.ts';
import { type ContractData, columnType, type NamedColumn } from '../contract.ts';
import { type QualityRule, ruleName } from '../quality/rule.ts';
import { type ContractChange, type Effect, typeChange } from './contract-change.ts';

/**
 * Every change from one contract of a table to another. Readers are what runs on its rows; writers
 * are those who deliver them. A change that loosens what may be delivered can break what reads it, and
 * one that tightens it can break deliveries that were good.
 *
 * @example
 * diffContracts(before, after).filter(({ breaks }) => breaks.includes('readers'));
 */
export function diffContracts(
  before: ContractData,
  after: ContractData,
): readonly ContractChange[] {
  const renamed = renames(before, after);
  const changes = [...columnChanges(before, after, renamed), ...tableChanges(before, after)];
  return changes.toSorted((a, b) => rank(a) - rank(b));
}

function rank({ breaks }: ContractChange): number {
  return 2 - breaks.length;
}

const readers: readonly Effect[] = ['readers'];
const writers: readonly Effect[] = ['writers'];
const both: readonly Effect[] = ['readers', 'writers'];
const neither: readonly Effect[] = [];

/** A column that went and one that came are one that was renamed where all else is the same. */
function renames(before: ContractData, after: ContractData): ReadonlyMap<string, string> {
  const gone = without(before, after);
  const come = without(after, before);
  const found = new Map<string, string>();
  for (const old of gone) {
    const alike = come.filter((column) => body(column) === body(old));
    const rivals = gone.filter((column) => body(column) === body(old));
    if (alike.length === 1 && rivals.length === 1) found.set(old.name, alike[0]!.name);
  }
  return found;
}

function without(one: ContractData, other: ContractData): readonly NamedColumn[] {
  const names = new Set(other.columns.map(({ name }) => name));
  return one.columns.filter(({ name }) => !names.has(name));
}

function body({ name: _, description: __, ...column }: NamedColumn): string {
  return JSON.stringify(Object.entries(column).toSorted());
}

function columnChanges(
  before: ContractData,
  after: ContractData,
  renamed: ReadonlyMap<string, string>,
): readonly ContractChange[] {
  const changes: ContractChange[] = [];
  const now = new Map(after.columns.map((column) => [column.name, column]));
  const known = new Set([...before.columns.map(({ name }) => name), ...renamed.values()]);
  for (const column of before.columns) {
    const found = now.get(column.name);
    const to = renamed.get(column.name);
    if (found) changes.push(...changesOf(column, found));
    else if (to) changes.push({ change: 'columnRenamed', column: column.name, to, breaks: both });
    else changes.push({ change: 'columnRemoved', column: column.name, breaks: both });
  }
  for (const column of after.columns.filter(({ name }) => !known.has(name))) {
    const breaks = column.optional ? neither : writers;
    changes.push({ change: 'columnAdded', column: column.name, breaks });
  }
  return changes;
}

function changesOf(before: NamedColumn, after: NamedColumn): readonly ContractChange[] {
  const { name: column } = before;
  const changes: ContractChange[] = [];
  const say = (
    change: ContractChange['change'],
    breaks: readonly Effect[],
    from?: unknown,
    to?: unknown,
  ) =>
    void changes.push({
      ...{ change, column, breaks },
      ...(from !== undefined && { from: String(from) }),
      ...(to !== undefined && { to: String(to) }),
    });
  if (before.kind !== after.kind || before.scale !== after.scale) {
    const { breaksReaders, breaksWriters } = typeChange(before, after);
    const breaks = [...(breaksReaders ? readers : []), ...(breaksWriters ? writers : [])];
    say('typeChanged', breaks, kindText(before), kindText(after));
  }
  if (before.optional && !after.optional) say('madeRequired', writers);
  if (!before.optional && after.optional) say('madeOptional', readers);
  const [was, is] = [exposure[before.sensitivity], exposure[after.sensitivity]];
  if (before.sensitivity !== after.sensitivity) {
    const change = is > was ? 'sensitivityRaised' : 'sensitivityLowered';
    say(change, is > was ? readers : neither, before.sensitivity, after.sensitivity);
  }
  if (columnType(before) === columnType(after)) boundChanges(before, after, say);
  if (before.epoch !== after.epoch) say('epochChanged', writers, before.epoch, after.epoch);
  if (before.description !== after.description) say('descriptionChanged', neither);
  return changes;
}

const exposure: Readonly<Record<Sensitivity, number>> = {
  ...{ public: 0, internal: 1, pseudonym: 2, personal: 3 },
};

function kindText({ kind, scale }: NamedColumn): string {
  return scale === undefined ? kind : `${kind}(${scale})`;
}

/** Narrower values break those who deliver others; wider ones those who rely on what there was. */
function boundChanges(
  before: NamedColumn,
  after: NamedColumn,
  say: (
    change: ContractChange['change'],
    breaks: readonly Effect[],
    from?: unknown,
    to?: unknown,
  ) => void,
): void {
  for (const bound of ['min', 'max', 'maxLength', 'maxItems'] as const) {
    const [was, is] = [before[bound], after[bound]];
    if (was === is) continue;
    const narrower = is !== undefined && (was === undefined || isInside(bound, is, was));
    const text = (value: unknown): string => `${bound} ${value ?? 'none'}`;
    say(
      narrower ? 'valuesNarrowed' : 'valuesWidened',
      narrower ? writers : readers,
      text(was),
      text(is),
    );
  }
  const [was, is] = [before.values, after.values];
  if (was && is) {
    const gone = was.filter((value) => !is.includes(value));
    const come = is.filter((value) => !was.includes(value));
    if (gone.length > 0) say('valuesNarrowed', writers, gone.slice(0, 5).join(', '));
    if (come.length > 0) say('valuesWidened', readers, undefined, come.slice(0, 5).join(', '));
  } else if (was) say('valuesWidened', readers, 'a list of values', 'any');
  else if (is) say('valuesNarrowed', writers, 'any', 'a list of values');
}

/** Bounds are numbers, decimal text, or ISO text, which sorts as time does. */
function isInside(
  bound: 'min' | 'max' | 'maxLength' | 'maxItems',
  is: unknown,
  was: unknown,
): boolean {
  const greater = compareBounds(is, was) > 0;
  return bound === 'min' ? greater : !greater;
}

function compareBounds(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [one, other] = [String(a), String(b)];
  const integers = /^-?\d+$/;
  if (integers.test(one) && integers.test(other)) {
    return BigInt(one) > BigInt(other) ? 1 : BigInt(one) < BigInt(other) ? -1 : 0;
  }
  const [x, y] = [Number(one), Number(other)];
  if (Number.isFinite(x) && Number.isFinite(y)) return x - y;
  return one < other ? -1 : one > other ? 1 : 0;
}

function tableChanges(before: ContractData, after: ContractData): readonly ContractChange[] {
  const changes: ContractChange[] = [];
  const say = (
    change: ContractChange['change'],
    breaks: readonly Effect[],
    from?: unknown,
    to?: unknown,
  ) =>
    void changes.push({
      ...{ change, breaks },
      ...(from !== undefined && { from: String(from) }),
      ...(to !== undefined && { to: String(to) }),
    });
  const gone = before.purposes.filter((purpose) => !after.purposes.includes(purpose));
  const come = after.purposes.filter((purpose) => !before.purposes.includes(purpose));
  if (gone.length > 0) say('purposesWithdrawn', readers, gone.join(', '));
  if (come.length > 0) say('purposesAdded', neither, undefined, come.join(', '));
  const [oldKey, newKey] = [before.primaryKey.join(', '), after.primaryKey.join(', ')];
  if (oldKey !== newKey) say('keyChanged', both, oldKey || 'none', newKey || 'none');
  if (before.subject !== after.subject) {
    say('subjectChanged', both, before.subject ?? 'none', after.subject ?? 'none');
  }
  const [kept, keeps] = [before.retentionDays ?? Infinity, after.retentionDays ?? Infinity];
  const days = (count: number): string => (count === Infinity ? 'for ever' : `${count} days`);
  if (keeps < kept) say('retentionShortened', readers, days(kept), days(keeps));
  if (keeps > kept) say('retentionLengthened', neither, days(kept), days(keeps));
  if (before.retentionBy !== after.retentionBy) {
    say(
      'retentionByChanged',
      readers,
      before.retentionBy ?? 'default',
      after.retentionBy ?? 'default',
    );
  }
  if (after.maxBadShare < before.maxBadShare) {
    say('badShareLowered', writers, before.maxBadShare, after.maxBadShare);
  }
  if (after.maxBadShare > before.maxBadShare) {
    say('badShareRaised', neither, before.maxBadShare, after.maxBadShare);
  }
  for (const option of ['corrections', 'late'] as const) {
    const [was, is] = [before[option], after[option]].map((value) => JSON.stringify(value));
    if (was !== is) say(`${option}Changed`, both, was ?? 'none', is ?? 'none');
  }
  if (before.buckets !== after.buckets)
    say('bucketsChanged', neither, before.buckets, after.buckets);
  if (before.description !== after.description) say('descriptionChanged', neither);
  return [...changes, ...ruleChanges(before.rules ?? [], after.rules ?? [])];
}

/** A rule that blocks refuses what was delivered and read before; one that goes vouches no more. */
function ruleChanges(
  before: readonly QualityRule[],
  after: readonly QualityRule[],
): readonly ContractChange[] {
  const known = new Map(before.map((rule) => [ruleName(rule), rule]));
  const left = new Map(after.map((rule) => [ruleName(rule), rule]));
  const came = after.flatMap((rule): ContractChange[] => {
    const name = ruleName(rule);
    const old = known.get(name);
    if (old && JSON.stringify(old) === JSON.stringify(rule)) return [];
    const blocks = rule.severity === 'block' || old?.severity === 'block';
    const change = old ? 'ruleChanged' : 'ruleAdded';
    return [{ change, to: name, breaks: !blocks ? neither : old ? both : writers }];
  });
  const went = before
    .filter((rule) => !left.has(ruleName(rule)))
    .map(
      (rule): ContractChange => ({
        ...{ change: 'ruleRemoved', from: ruleName(rule) },
        breaks: rule.severity === 'block' ? readers : neither,
      }),
    );
  return [...came, ...went];
}
