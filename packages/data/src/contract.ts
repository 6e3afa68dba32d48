import { isPurpose, type Purpose } from '@backlot/access';
import { canonicalJson, type Digest, digestOf, isName } from '@backlot/core';
import {
  type Column,
  type ColumnData,
  type ColumnKind,
  columnKinds,
  kindFacts,
  type StoredType,
  sensitivities,
  type ValueType,
} from './column.ts';
import { BadContract } from './data-error.ts';
import { checkRules } from './quality/check-rules.ts';
import { type QualityRule, type RuleGiven, ruleData } from './quality/rule.ts';

type AnyColumn = Column<ValueType, boolean, unknown>;
export type Columns = Readonly<Record<string, AnyColumn>>;

/**
 * Of rows with one primary key, the row with the greatest `by` is the table's; of equals, the one
 * that came last. A row without a value in `by` is older than every other.
 */
export interface Corrections {
  /** A number, date or timestamp that grows with each correction, such as `updatedAt`. */
  readonly by: string;
}

/** Rows are late that lie more than `days` before the newest row of the snapshot they are added to. */
export interface LateRows {
  /** The date or timestamp that the row is about. */
  readonly by: string;
  /** 0 to 36500. */
  readonly days: number;
  /** Late rows go to quarantine, or are taken and counted in the receipt. */
  readonly rule: 'quarantine' | 'accept';
}

/** What a table promises beyond its columns. */
export interface TableOptions<C extends Columns, P extends Purpose> {
  /** What its rows may be read for. */
  readonly purposes: readonly P[];
  /** Rows older than this are to be removed; absent: kept. */
  readonly retentionDays?: number;
  /** The date or timestamp that retention counts from. Default: the table's only such column. */
  readonly retentionBy?: keyof C & string;
  /** What a row with a known primary key does; absent: it goes to quarantine. */
  readonly corrections?: Corrections & { readonly by: keyof C & string };
  /** What becomes of rows that come long after the time they are about; absent: they are taken. */
  readonly late?: LateRows & { readonly by: keyof C & string };
  /** A delivery with a greater share of bad rows is refused whole. Default 0.05. */
  readonly maxBadShare?: number;
  /** Columns that name a row: a second row with the same values goes to quarantine. */
  readonly primaryKey?: readonly (keyof C & string)[];
  /** Into how many buckets subjects fall. Default 16; tables without a subject have one. */
  readonly buckets?: number;
  /** What must be true of a whole snapshot; what reads one that breaks them is refused. */
  readonly rules?: readonly RuleGiven[];
  readonly description?: string;
}

/** A table's contract as users write it: frozen plain data with its columns' types. */
export interface Table<
  N extends string = string,
  C extends Columns = Columns,
  P extends Purpose = Purpose,
> {
  readonly kind: 'table';
  readonly name: N;
  readonly columns: C;
  readonly options: TableOptions<Columns, P>;
}

/** A row as TypeScript sees it; `null` where a value is optional and missing. */
export type RowOf<T extends Table> = {
  readonly [K in keyof T['columns']]:
    | T['columns'][K]['types']['value']
    | (T['columns'][K]['types']['nullable'] extends true ? null : never);
};

/** A column in its contract's list. */
export interface NamedColumn extends ColumnData {
  readonly name: string;
}

/** A contract as plain JSON: what is stored, digested, and sent to workers. */
export interface ContractData {
  readonly kind: 'contract';
  readonly table: string;
  readonly columns: readonly NamedColumn[];
  readonly purposes: readonly Purpose[];
  readonly retentionDays?: number;
  readonly retentionBy?: string;
  readonly corrections?: Corrections;
  readonly late?: LateRows;
  readonly maxBadShare: number;
  readonly primaryKey: readonly string[];
  readonly buckets: number;
  /** The subject column's name, where there is one. */
  readonly subject?: string;
  /** Absent where there are none. */
  readonly rules?: readonly QualityRule[];
  readonly description?: string;
}

/**
 * Declares a table.
 *
 * @example
 * const plays = table('plays', {
 *   account: subject(),
 *   item: key('item'),
 *   playedAt: timestamp(),
 *   msPlayed: int().min(0),
 * }, { purposes: ['recommend', 'measure'], retentionDays: 400 });
 */
export function table<const N extends string, const C extends Columns, const P extends Purpose>(
  name: N,
  columns: C,
  options: TableOptions<C, P>,
): Table<N, C, P> {
  const made: Table<N, C, P> = Object.freeze({
    kind: 'table',
    name,
    columns: Object.freeze({ ...columns }),
    options: Object.freeze({ ...options, purposes: Object.freeze([...options.purposes]) }),
  });
  checkContract(draft(made));
  return made;
}

/** The contract of a table as frozen plain JSON. */
export function contractData(made: Table): ContractData {
  return freezeDeep(draft(made));
}

function draft(made: Table): ContractData {
  const columns = Object.entries(made.columns).map(([name, column]) => ({ name, ...column.data }));
  const subject = columns.find((column) => column.kind === 'subject')?.name;
  const { options } = made;
  return {
    kind: 'contract',
    table: made.name,
    columns,
    purposes: options.purposes,
    ...(options.retentionDays !== undefined && { retentionDays: options.retentionDays }),
    ...(options.retentionBy !== undefined && { retentionBy: options.retentionBy }),
    ...(options.corrections !== undefined && { corrections: { ...options.corrections } }),
    ...(options.late !== undefined && { late: { ...options.late } }),
    maxBadShare: options.maxBadShare ?? 0.05,
    primaryKey: options.primaryKey ?? [],
    buckets: subject === undefined ? 1 : (options.buckets ?? 16),
    ...(subject !== undefined && { subject }),
    ...(options.rules?.length && { rules: options.rules.map(ruleData) }),
    ...(options.description !== undefined && { description: options.description }),
  };
}

/** The digest that names a contract. */
export function contractDigest(contract: ContractData): Digest {
  return digestOf(contract);
}

const columnPattern = /^[a-z][A-Za-z0-9_]{0,62}$/;
const maxColumns = 1_000;

/** Whether a text can name a column: camelCase or snake_case, first a lower-case letter. */
export function isColumnName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    columnPattern.test(name) &&
    name !== 'constructor' &&
    name !== 'prototype'
  );
}

function checkContract(contract: ContractData): void {
  const place = `table/${String(contract.table).slice(0, 63)}`;
  if (!isName(contract.table)) throw new BadContract('table', 'the table has no valid name');
  checkColumns(contract, place);
  checkRange(contract.buckets, 'buckets', 1, 1024, place);
  if (!(contract.maxBadShare >= 0 && contract.maxBadShare <= 1)) {
    throw new BadContract(place, `maxBadShare is ${contract.maxBadShare}; 0 to 1 are allowed`);
  }
  if (contract.retentionDays !== undefined) {
    checkRange(contract.retentionDays, 'retentionDays', 1, 36_500, place);
  }
  if (contract.purposes.length === 0 || !contract.purposes.every(isPurpose)) {
    throw new BadContract(place, 'a table names at least one purpose, all of them known');
  }
  for (const name of contract.primaryKey) {
    if (!contract.columns.some((column) => column.name === name)) {
      throw new BadContract(place, `the primary key names ${name}, which is no column`);
    }
  }
  checkTimeRules(contract, place);
  const types = contract.columns.map((column) => ({ name: column.name, type: columnType(column) }));
  checkRules(contract.rules ?? [], types, place);
}

const timeTypes: readonly ValueType[] = ['date', 'timestamp'];
const orderedTypes: readonly ValueType[] = [...timeTypes, 'int', 'int64', 'float', 'decimal'];

function checkTimeRules(contract: ContractData, place: string): void {
  const { retentionBy, corrections, late } = contract;
  if (retentionBy !== undefined) checkBy(contract, 'retentionBy', retentionBy, timeTypes, place);
  if (corrections !== undefined) {
    checkBy(contract, 'corrections', corrections.by, orderedTypes, place);
    if (contract.primaryKey.length === 0) {
      throw new BadContract(place, 'corrections need a primary key');
    }
    if (contract.primaryKey.includes(corrections.by)) {
      throw new BadContract(place, 'corrections go by a column outside the primary key');
    }
  }
  if (late === undefined) return;
  checkBy(contract, 'late', late.by, timeTypes, place);
  checkRange(late.days, 'late.days', 0, 36_500, place);
  if (late.rule !== 'quarantine' && late.rule !== 'accept') {
    throw new BadContract(place, 'late.rule is neither quarantine nor accept');
  }
}

function checkBy(
  contract: ContractData,
  rule: string,
  by: string,
  types: readonly ValueType[],
  place: string,
): void {
  const column = contract.columns.find(({ name }) => name === by);
  if (column && types.includes(columnType(column))) return;
  throw new BadContract(place, `${rule} goes by a column of type ${types.join(', ')}`);
}

/** The column that retention counts from: the one declared, else the only date or timestamp. */
export function retentionColumn(contract: ContractData): NamedColumn | undefined {
  const times = contract.columns.filter((column) => timeTypes.includes(columnType(column)));
  if (contract.retentionBy === undefined) return times.length === 1 ? times[0] : undefined;
  return times.find(({ name }) => name === contract.retentionBy);
}

function checkRange(value: number, what: string, least: number, most: number, place: string): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new BadContract(place, `${what} is ${value}; ${least} to ${most} are allowed`);
}

function checkColumns(contract: ContractData, place: string): void {
  const { columns } = contract;
  if (columns.length === 0 || columns.length > maxColumns) {
    throw new BadContract(place, `a table has 1 to ${maxColumns} columns, not ${columns.length}`);
  }
  const seen = new Set<string>();
  for (const column of columns) {
    if (!isColumnName(column.name)) {
      throw new BadContract(place, 'a column is named in camelCase, at most 63 letters and digits');
    }
    // DuckDB and Spark take names that differ only by case for one.
    const folded = column.name.toLowerCase();
    if (seen.has(folded)) throw new BadContract(place, `two columns are called ${folded}`);
    seen.add(folded);
  }
  const subjects = columns.filter((column) => column.kind === 'subject');
  if (subjects.length > 1) {
    throw new BadContract(place, 'a table has one subject at most', 'make the others key()');
  }
  if (subjects[0]?.optional) throw new BadContract(place, 'a subject is never optional');
}

/** A contract parsed from an object: whatever is not exactly a contract is refused. */
export function parseContract(value: unknown): ContractData {
  if (!isRecord(value) || value.kind !== 'contract') throw malformed('it is not a contract');
  const columns = value.columns;
  if (!Array.isArray(columns)) throw malformed('columns is not a list');
  const lists = [value.purposes, value.primaryKey];
  if (!lists.every((list) => Array.isArray(list) && list.every((item) => typeof item === 'string')))
    throw malformed('purposes and primaryKey are lists of texts');
  checkRuleShapes(value);
  const contract = value as unknown as ContractData;
  for (const column of columns) checkColumnData(column);
  checkContract(contract);
  if (contract.subject !== contract.columns.find((column) => column.kind === 'subject')?.name) {
    throw malformed('its subject is not its subject column');
  }
  if (contract.subject === undefined && contract.buckets !== 1) {
    throw malformed('a table without a subject has one bucket');
  }
  // Through canonical JSON: what JSON cannot say, and every prototype, is gone.
  return freezeDeep(JSON.parse(canonicalJson(contract)) as ContractData);
}

/** The rules that are objects: their fields are looked at only once they are known to be texts. */
function checkRuleShapes({ retentionBy, corrections, late, rules }: Record<string, unknown>): void {
  const good =
    (retentionBy === undefined || typeof retentionBy === 'string') &&
    (corrections === undefined || (isRecord(corrections) && typeof corrections.by === 'string')) &&
    (late === undefined ||
      (isRecord(late) && typeof late.by === 'string' && typeof late.days === 'number'));
  if (!good) throw malformed('retentionBy, corrections and late have no good type');
  const listed = rules === undefined || (Array.isArray(rules) && rules.length > 0);
  if (!listed || !(rules ?? []).every(isRecord)) throw malformed('its rules are no list of rules');
}

const columnFields: Readonly<Record<string, readonly string[]>> = {
  name: ['string'],
  kind: ['string'],
  optional: ['boolean'],
  sensitivity: ['string'],
  min: ['number', 'string', 'undefined'],
  max: ['number', 'string', 'undefined'],
  maxLength: ['number', 'undefined'],
  maxItems: ['number', 'undefined'],
  values: ['object', 'undefined'],
  scale: ['number', 'undefined'],
  epoch: ['string', 'undefined'],
  description: ['string', 'undefined'],
};

function checkColumnData(column: unknown): void {
  if (!isRecord(column)) throw malformed('a column is not an object');
  for (const [field, types] of Object.entries(columnFields)) {
    if (!types.includes(typeof column[field]))
      throw malformed(`a column's ${field} has no good type`);
  }
  for (const field of Object.keys(column)) {
    if (!Object.hasOwn(columnFields, field)) throw malformed('a column has an unknown field');
  }
  const kind = column.kind as ColumnKind;
  if (!Object.hasOwn(columnKinds, kind)) throw malformed('a column has an unknown kind');
  if (!(sensitivities as readonly unknown[]).includes(column.sensitivity)) {
    throw malformed('a column has an unknown sensitivity');
  }
  const values = column.values;
  if (
    values !== undefined &&
    !(Array.isArray(values) && values.every((v) => typeof v === 'string'))
  ) {
    throw malformed("a column's values are a list of texts");
  }
  const epoch = column.epoch;
  if (epoch !== undefined && !['s', 'ms', 'us'].includes(epoch as string)) {
    throw malformed('an epoch unit is s, ms or us');
  }
  if (kind === 'decimal' && !Number.isInteger(column.scale))
    throw malformed('a decimal has a scale');
  if (kind === 'oneOf' && values === undefined) throw malformed('oneOf has values');
}

function malformed(reason: string): BadContract {
  return new BadContract('contract', reason);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freezeDeep(member);
  return Object.freeze(value);
}

/** The type of a column to relations and engines. */
export function columnType(column: ColumnData): StoredType {
  return kindFacts(column.kind).type;
}
