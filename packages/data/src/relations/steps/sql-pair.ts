import { type Purpose, purposes } from '@backlot/access';
import { type Columns, columnType } from '../../contract.ts';
import { BadRelation } from '../../data-error.ts';
import { checkedFields, checkedName } from '../fields.ts';
import type { RelationNode, SqlNode } from '../nodes.ts';

export interface SqlTexts {
  /** `{name}` stands for an input, after FROM or JOIN. Absent: the engine refuses the relation. */
  readonly duckdb?: string;
  readonly spark?: string;
}

export function sqlNode(
  texts: SqlTexts,
  columns: Columns,
  inputs: readonly { readonly name: string; readonly relation: RelationNode }[],
): SqlNode {
  if (texts.duckdb === undefined && texts.spark === undefined) {
    throw new BadRelation('a pair of SQL texts has none', 'give duckdb, spark or both');
  }
  const names = inputs.map(({ name }) => checkedName(name));
  for (const text of [texts.duckdb, texts.spark]) if (text !== undefined) checkText(text, names);
  const fields = Object.entries(columns).map(([name, { data }]) =>
    Object.freeze({
      name: checkedName(name),
      type: columnType(data),
      nullable: data.optional,
      ...(data.scale !== undefined && { scale: data.scale }),
    }),
  );
  const allowed = (Object.keys(purposes) as Purpose[]).filter((purpose) =>
    inputs.every(({ relation }) => relation.purposes.includes(purpose)),
  );
  return {
    kind: 'sql',
    ...texts,
    inputs: Object.freeze(inputs.map((input) => Object.freeze({ ...input }))),
    fields: checkedFields(fields),
    purposes: Object.freeze(allowed),
  };
}

/** The places of inputs in a text, each by its name. */
export const inputPlaces: RegExp = /\{([A-Za-z0-9]+)\}/g;

/**
 * Rows are to come from the inputs alone: what is read otherwise would escape its contract and
 * lineage. A reminder for whoever writes the text, which is not parsed: it is no fence.
 */
function checkText(text: string, names: readonly string[]): void {
  const used = [...text.matchAll(inputPlaces)].map(([, name]) => name!);
  const unknown = used.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new BadRelation(`SQL names an input ${unknown}, none is given`);
  const unused = names.find((name) => !used.includes(name));
  if (unused !== undefined) throw new BadRelation(`SQL does not read its input ${unused}`);
  if (/;|--|\/\*/.test(text)) {
    throw new BadRelation('SQL holds a semicolon or a comment', 'give one statement alone');
  }
  if (
    /\b(?:from|join)\s+(?![{(]|lateral\b|unnest\b)/i.test(text) ||
    /\bread_\w+\s*\(/i.test(text)
  ) {
    throw new BadRelation(
      'SQL reads a table that is not an input',
      'give it as an input and write {name} after FROM',
    );
  }
}
