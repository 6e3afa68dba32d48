import { type ContractData, isColumnName, type NamedColumn, parseContract } from '../contract.ts';
import { BadContract } from '../data-error.ts';

/** A contract of these columns in which everything that has to be chosen is still open. */
export function draftContract(table: string, columns: readonly NamedColumn[]): ContractData {
  // The name itself is the file's, which may hold anything: it is not repeated.
  for (const [index, { name }] of columns.entries()) {
    if (isColumnName(name)) continue;
    throw new BadContract(
      `table/${table.slice(0, 63)}`,
      `the name of column ${index + 1} of the file cannot be a column's`,
      'name columns in camelCase or snake_case, first a lower-case letter, at most 63 long',
    );
  }
  return parseContract({
    ...{ kind: 'contract', table, columns, purposes: ['debug'] },
    ...{ maxBadShare: 0.05, primaryKey: [], buckets: 1 },
  });
}
