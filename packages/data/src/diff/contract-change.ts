import type { ColumnKind } from '../column.ts';
import { columnType, type NamedColumn } from '../contract.ts';

/** Whom a change breaks: what reads the table, or who delivers it. */
export type Effect = 'readers' | 'writers';

/** One change from a contract to another, as JSON data. */
export interface ContractChange {
  readonly change:
    | 'columnRemoved'
    | 'columnRenamed'
    | 'columnAdded'
    | 'typeChanged'
    | 'madeRequired'
    | 'madeOptional'
    | 'valuesNarrowed'
    | 'valuesWidened'
    | 'sensitivityRaised'
    | 'sensitivityLowered'
    | 'epochChanged'
    | 'descriptionChanged'
    | 'purposesWithdrawn'
    | 'purposesAdded'
    | 'keyChanged'
    | 'subjectChanged'
    | 'retentionShortened'
    | 'retentionLengthened'
    | 'retentionByChanged'
    | 'badShareLowered'
    | 'badShareRaised'
    | 'correctionsChanged'
    | 'lateChanged'
    | 'bucketsChanged'
    | 'ruleAdded'
    | 'ruleChanged'
    | 'ruleRemoved';
  /** Absent where it is about the table. */
  readonly column?: string;
  readonly from?: string;
  readonly to?: string;
  /** Empty where nobody is broken. */
  readonly breaks: readonly Effect[];
}

/** Kinds whose every value may be delivered under the other too, with the same type to readers. */
const accepts: Readonly<Partial<Record<ColumnKind, readonly ColumnKind[]>>> = {
  text: ['key', 'oneOf'],
  key: ['oneOf'],
};
/** Kinds whose every value may be delivered under the other, which readers see as another type. */
const takes: Readonly<Partial<Record<ColumnKind, readonly ColumnKind[]>>> = {
  int64: ['int'],
  float: ['int', 'decimal'],
  decimal: ['int'],
};

/** Whom another kind of column breaks. */
export function typeChange(
  before: NamedColumn,
  after: NamedColumn,
): { readonly breaksReaders: boolean; readonly breaksWriters: boolean } {
  const sameType = columnType(before) === columnType(after) && before.scale === after.scale;
  const person = (before.kind === 'subject') !== (after.kind === 'subject');
  const digits = before.kind === 'decimal' && after.kind === 'decimal';
  const wider = digits
    ? (after.scale ?? 0) >= (before.scale ?? 0)
    : [...(accepts[after.kind] ?? []), ...(takes[after.kind] ?? [])].includes(before.kind);
  // A pseudonym in the place of a name, or the other way round, joins with nothing any more.
  return { breaksReaders: !sameType || person, breaksWriters: !wider };
}
