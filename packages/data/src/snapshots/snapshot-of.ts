import { assertPurpose, type Purpose } from '@backlot/access';
import { assert, BacklotError } from '@backlot/core';
import { columnType } from '../contract.ts';
import { inputsOf } from '../relations/inputs-of.ts';
import type { NamedField, RelationNode } from '../relations/nodes.ts';
import type { Snapshot } from './snapshot.ts';

/** What a run reads: snapshots opened for its purpose. */
interface Reading {
  readonly snapshots: readonly Snapshot[];
  readonly purpose: Purpose;
}

/** A relation that was made from another contract than the snapshot's: its types would not hold. */
export class ContractDiffers extends BacklotError {
  constructor(table: string, column: string) {
    super({
      code: 'E-DATA-033',
      kind: 'usage',
      reason: `column ${column} of table ${table} is not in the snapshot as the relation takes it`,
      place: `table/${table}`,
      mend: 'make the relation from the contract that the table has, or read another snapshot',
    });
  }
}

/**
 * The snapshot of a table among those given. It must be opened for the run's purpose, and have every
 * column that the relation takes, of the same type, and there where the relation says it always is.
 */
export function snapshotOf(
  table: string,
  relation: { readonly node: RelationNode },
  run: Reading,
): Snapshot {
  const found = run.snapshots.find(({ manifest }) => manifest.table === table);
  if (!found) {
    throw new BacklotError({
      code: 'E-DATA-013',
      kind: 'usage',
      reason: `the relation reads table ${table}, no snapshot of it was given`,
      place: `table/${table}`,
    });
  }
  // The snapshot's own contract decides, whatever the program's copy of it says.
  assertPurpose(found.manifest.contract.purposes, run.purpose);
  assert(found.purpose === run.purpose, 'a snapshot is opened for the purpose it is read for');
  for (const field of fieldsOf(relation.node, table)) {
    if (!hasField(found, field)) throw new ContractDiffers(table, field.name);
  }
  return found;
}

function fieldsOf(node: RelationNode, table: string): readonly NamedField[] {
  if (node.kind === 'source') return node.table === table ? node.fields : [];
  return inputsOf(node).flatMap((input) => fieldsOf(input, table));
}

function hasField({ manifest }: Snapshot, { name, type, scale, nullable }: NamedField): boolean {
  const column = manifest.contract.columns.find((one) => one.name === name);
  if (!column) return false;
  return columnType(column) === type && column.scale === scale && (nullable || !column.optional);
}
