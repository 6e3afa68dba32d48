import { isDigest, isName } from '@backlot/core';
import type { ValueType } from '../column.ts';
import { BadContract } from '../data-error.ts';
import { parseDate, parseTimestamp } from '../time.ts';
import { type QualityRule, ruleColumns, ruleName } from './rule.ts';

interface TypedColumn {
  readonly name: string;
  readonly type: ValueType;
}

const maxRules = 1_000;

/** Refuses rules that cannot be meant of a table's columns; they may come from anywhere. */
export function checkRules(
  rules: readonly QualityRule[],
  columns: readonly TypedColumn[],
  place: string,
): void {
  if (rules.length > maxRules)
    throw new BadContract(place, `a table has at most ${maxRules} rules`);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const names = new Set<string>();
  for (const rule of rules) {
    checkRule(rule, types, place);
    // Two rules of one kind on one column would stand under one name in reports.
    if (names.has(ruleName(rule))) {
      throw new BadContract(place, `two rules are called ${ruleName(rule)}`);
    }
    names.add(ruleName(rule));
  }
}

const fields: Readonly<Record<QualityRule['kind'], readonly string[]>> = {
  notNull: ['column', 'maxShare'],
  range: ['column', 'min', 'max', 'maxShare'],
  unique: ['columns'],
  references: ['column', 'table', 'to', 'maxShare'],
  freshness: ['column', 'withinHours'],
  distribution: ['column', 'psi', 'ks', 'nulls', 'categories'],
  custom: ['name', 'relation'],
};

function checkRule(rule: QualityRule, types: ReadonlyMap<string, ValueType>, place: string): void {
  const known = typeof rule === 'object' && rule !== null && Object.hasOwn(fields, rule.kind);
  if (!known) throw new BadContract(place, 'a rule has an unknown kind');
  const allowed = ['kind', 'severity', ...fields[rule.kind]];
  if (Object.keys(rule).some((field) => !allowed.includes(field))) {
    throw new BadContract(place, `a ${rule.kind} rule has an unknown field`);
  }
  if (rule.severity !== 'block' && rule.severity !== 'warn') {
    throw new BadContract(place, 'a rule blocks or warns');
  }
  if ('maxShare' in rule && !isShare(rule.maxShare)) {
    throw new BadContract(place, 'maxShare is a number from 0 to 1');
  }
  if (rule.kind === 'unique' && !(Array.isArray(rule.columns) && rule.columns.length > 0)) {
    throw new BadContract(place, 'a unique rule names at least one column');
  }
  for (const column of ruleColumns(rule)) {
    if (typeof column === 'string' && types.has(column)) continue;
    throw new BadContract(place, `a ${rule.kind} rule names a column that is not there`);
  }
  checkKind(rule, types, place);
}

const ordered: readonly ValueType[] = ['int', 'int64', 'float', 'decimal', 'date', 'timestamp'];
const compared: readonly ValueType[] = [...ordered, 'text', 'bool'];

function checkKind(rule: QualityRule, types: ReadonlyMap<string, ValueType>, place: string): void {
  const typeOf = (column: string): ValueType => types.get(column)!;
  const bad = (reason: string): BadContract => new BadContract(`${place}/${rule.kind}`, reason);
  switch (rule.kind) {
    case 'range': {
      const type = typeOf(rule.column);
      const bounds = [rule.min, rule.max].filter((bound) => bound !== undefined);
      if (!ordered.includes(type)) throw bad(`a ${type} has no range`);
      if (bounds.length === 0 || !bounds.every((bound) => isBound(type, bound))) {
        throw bad(`a bound is no ${type}`);
      }
      return;
    }
    case 'unique':
      if (rule.columns.every((column) => compared.includes(typeOf(column)))) return;
      throw bad('lists cannot be unique');
    case 'references': {
      if (!compared.includes(typeOf(rule.column))) throw bad('lists refer to nothing');
      if (isName(rule.table) && typeof rule.to === 'string') return;
      throw bad('it names a table and a column of it');
    }
    case 'freshness':
      if (!['date', 'timestamp'].includes(typeOf(rule.column))) throw bad('it goes by a time');
      if (rule.withinHours > 0 && rule.withinHours <= 1e6) return;
      throw bad('withinHours is above 0 and at most 1000000');
    case 'distribution': {
      const limits = [rule.psi, rule.ks, rule.nulls, rule.categories];
      const given = limits.filter((limit) => limit !== undefined);
      if (given.length > 0 && given.every((limit) => Number.isFinite(limit) && limit >= 0)) return;
      throw bad('it has at least one limit, none below 0');
    }
    case 'custom':
      if (!isDigest(rule.relation)) throw bad('its relation is named by a digest');
      if (typeof rule.name === 'string' && /^[A-Za-z][\w-]{0,62}$/.test(rule.name)) return;
      throw bad('it is named by letters and digits');
    default:
      return;
  }
}

function isShare(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function isBound(type: ValueType, bound: unknown): boolean {
  if (type === 'int') return Number.isSafeInteger(bound);
  if (type === 'float') return Number.isFinite(bound);
  if (typeof bound !== 'string') return false;
  if (type === 'int64') {
    return /^-?\d{1,19}$/.test(bound) && BigInt.asIntN(64, BigInt(bound)) === BigInt(bound);
  }
  if (type === 'decimal') return /^-?\d{1,18}(\.\d{1,9})?$/.test(bound);
  return (type === 'date' ? parseDate(bound) : parseTimestamp(bound)) !== undefined;
}
