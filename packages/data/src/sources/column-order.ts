import type { ContractData } from '../contract.ts';
import { SourceRefused } from '../deliveries/source-refused.ts';

/**
 * For each column of a file, its place in the contract. Refuses a file with a column too many, too
 * few (unless optional), twice, or renamed by case. The messages name only columns of the contract.
 */
export function columnOrder(names: readonly string[], contract: ContractData): Int32Array {
  const places = new Map(contract.columns.map((column, index) => [column.name, index]));
  const folded = new Map(contract.columns.map(({ name }) => [name.toLowerCase(), name]));
  const order = new Int32Array(names.length);
  const seen = new Set<number>();
  for (const [index, name] of names.entries()) {
    const place = places.get(name);
    if (place === undefined) throw unknownColumn(index, folded.get(name.trim().toLowerCase()));
    if (seen.has(place)) {
      throw new SourceRefused('duplicate-column', `the file has column ${name} twice`, name);
    }
    seen.add(place);
    order[index] = place;
  }
  for (const [index, column] of contract.columns.entries()) {
    if (!seen.has(index) && !column.optional) {
      throw new SourceRefused(
        'missing-column',
        `the file lacks column ${column.name}`,
        column.name,
      );
    }
  }
  return order;
}

function unknownColumn(index: number, meant: string | undefined): SourceRefused {
  return meant === undefined
    ? new SourceRefused('unknown-column', `column ${index + 1} of the file is not in the contract`)
    : new SourceRefused(
        'renamed-column',
        `column ${index + 1} of the file is spelled otherwise than ${meant}`,
        meant,
      );
}
