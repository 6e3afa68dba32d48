import { type ColumnKind, columnKinds, kindFacts } from '../column.ts';
import type { ContractData, NamedColumn } from '../contract.ts';

/**
 * A contract as the TypeScript that defines it, to be pasted into a project: one import, then the
 * table. Custom rules are relations, which a contract only names: a comment stands for each.
 */
export function contractSource(contracts: readonly ContractData[]): readonly string[] {
  const used = new Set<string>(['table']);
  const bodies = contracts.map((contract) => tableSource(contract, used));
  const names = [...used].toSorted().join(', ');
  return [
    `import { ${names} } from '@backlot/data';`,
    ...bodies.flatMap((lines) => ['', ...lines]),
  ];
}

function tableSource(contract: ContractData, used: Set<string>): readonly string[] {
  const { table, columns, purposes, primaryKey } = contract;
  const { retentionDays, retentionBy, corrections, late, description } = contract;
  const options = {
    ...{ purposes, retentionDays, retentionBy, corrections, late, description },
    primaryKey: primaryKey.length > 0 ? primaryKey : undefined,
    maxBadShare: contract.maxBadShare === 0.05 ? undefined : contract.maxBadShare,
    buckets:
      contract.subject === undefined || contract.buckets === 16 ? undefined : contract.buckets,
  };
  const rules = (contract.rules ?? []).map((rule) =>
    rule.kind === 'custom'
      ? `    // ${rule.name}: a relation of one's own, see withRules`
      : `    ${literal(rule)},`,
  );
  return [
    `export const ${variable(table)} = table(${literal(table)}, {`,
    ...columns.map((column) => `  ${column.name}: ${columnSource(column, used)},`),
    '}, {',
    ...Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `  ${name}: ${literal(value)},`),
    ...(rules.length > 0 ? ['  rules: [', ...rules, '  ],'] : []),
    '});',
  ];
}

function columnSource(column: NamedColumn, used: Set<string>): string {
  const { kind, sensitivity, optional } = column;
  used.add(kind);
  const defaults = kindFacts(kind).defaults;
  const bounds = (['min', 'max', 'maxLength', 'maxItems'] as const).flatMap((name) => {
    const value = column[name];
    if (value === undefined || value === defaults[name]) return [];
    return [`.${name}(${kind === 'int64' ? `${value}n` : literal(value)})`];
  });
  return [
    `${kind}(${argumentOf(column)})`,
    ...bounds,
    ...(sensitivity === columnKinds[kind].sensitivity ? [] : [`.sensitive('${sensitivity}')`]),
    ...(column.description === undefined ? [] : [`.describe(${literal(column.description)})`]),
    ...(optional ? ['.optional()'] : []),
  ].join('');
}

function argumentOf({ kind, scale, values, epoch }: NamedColumn): string {
  const given: Partial<Record<ColumnKind, unknown>> = {
    ...{ decimal: scale, oneOf: values, timestamp: epoch && { epoch } },
  };
  return given[kind] === undefined ? '' : literal(given[kind]);
}

function variable(table: string): string {
  const name = table.replaceAll(/[^a-z0-9]+([a-z0-9]?)/g, (_, next: string) => next.toUpperCase());
  // What is imported, or may be by another table, keeps its name.
  return name === 'table' || Object.hasOwn(columnKinds, name) ? `${name}Table` : name;
}

/** A value as TypeScript writes it. */
function literal(value: unknown): string {
  if (typeof value === 'string') {
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  }
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, one]) => `${name}: ${literal(one)}`);
  return `{ ${fields.join(', ')} }`;
}
