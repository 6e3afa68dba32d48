import type { ColumnData } from './column.ts';

/** A column's rules in words, such as `>= 0`, for people to read. */
export function columnRules(column: ColumnData): readonly string[] {
  const rules: string[] = [];
  if (!column.optional) rules.push('required');
  if (column.kind === 'subject') rules.push('stored as a pseudonym');
  if (column.min !== undefined && !isWidest(column.min)) rules.push(`>= ${column.min}`);
  if (column.max !== undefined && !isWidest(column.max)) rules.push(`<= ${column.max}`);
  if (column.values) rules.push(`one of ${listed(column.values)}`);
  if (column.maxLength !== undefined) rules.push(`at most ${column.maxLength} characters`);
  if (column.maxItems !== undefined) rules.push(`at most ${column.maxItems} items`);
  if (column.scale !== undefined) rules.push(`${column.scale} decimals`);
  if (column.epoch !== undefined) rules.push(`numbers are ${column.epoch} since 1970`);
  return rules;
}

/** A bound that is the type's own says nothing. */
function isWidest(bound: number | string): boolean {
  return typeof bound === 'number'
    ? Math.abs(bound) === Number.MAX_SAFE_INTEGER
    : /^-?92233720368547758\d\d$/.test(bound);
}

const shown = 5;

function listed(values: readonly string[]): string {
  const more = values.length - shown;
  return values.slice(0, shown).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
