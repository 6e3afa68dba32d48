import { columnLineage } from '../lineage/column-lineage.ts';
import type { Relation, Shape } from '../relations/relation.ts';
import type { ContractChange } from './contract-change.ts';

/** Something that reads tables: a relation, a feature view, a task, a model. */
export interface TableReader {
  readonly kind: string;
  readonly name: string;
  /** The columns that it uses of a table; absent: it is not known which, so all. */
  readonly columns?: readonly { readonly table: string; readonly column: string }[];
  /** The tables that it reads. */
  readonly tables: readonly string[];
}

/** What reads a relation's tables, by the columns that its rows and columns are made from. */
export function readerOf(
  kind: string,
  name: string,
  relation: Pick<Relation<Shape>, 'node'>,
): TableReader {
  const { columns, rows } = columnLineage(relation);
  const sources = [...Object.values(columns).flat(), ...rows];
  const used = new Map(
    sources.map(({ table, column }) => [`${table}.${column}`, { table, column }]),
  );
  const tables = [...new Set(sources.map(({ table }) => table))];
  return { kind, name, columns: [...used.values()], tables };
}

/** The readers that changes of a table break: those that use a changed column, or any of it. */
export function touchedBy(
  table: string,
  changes: readonly ContractChange[],
  readers: readonly TableReader[],
): readonly TableReader[] {
  const breaking = changes.filter(({ breaks }) => breaks.includes('readers'));
  return readers.filter(
    (reader) =>
      reader.tables.includes(table) &&
      breaking.some(({ column }) => column === undefined || uses(reader, table, column)),
  );
}

function uses({ columns }: TableReader, table: string, column: string): boolean {
  return columns?.some((one) => one.table === table && one.column === column) ?? true;
}
