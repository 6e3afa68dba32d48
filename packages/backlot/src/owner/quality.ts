import type { QualityParts, Table } from '@backlot/data';
import type { State } from './state.ts';

/** With what quality rules are checked: those that the project defines now. */
export function ownerQuality(state: State, tables: readonly Table[]): QualityParts {
  const { io, objects, metadata, folder } = state;
  const rules = new Map(tables.map((one) => [one.name, one.options.rules]));
  return {
    ...{ io, objects, metadata, memoryMiB: 512, threads: 1, scratch: folder.paths.runs },
    rulesOf: (table) => (rules.has(table) ? (rules.get(table) ?? []) : undefined),
  };
}
