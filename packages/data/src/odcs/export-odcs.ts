import type { ColumnKind } from '../column.ts';
import type { ContractData, NamedColumn } from '../contract.ts';
import { BadContract } from '../data-error.ts';
import {
  type OdcsCustomProperty,
  type OdcsDocument,
  type OdcsObject,
  type OdcsProperty,
  type OdcsQuality,
  ownProperties,
} from './odcs-document.ts';

export interface OdcsExport {
  /** Names the contract among all; letters, digits, `-` and `_`. */
  readonly id: string;
  /** Of the contract, not of the standard; `1.0.0` when absent. */
  readonly version?: string;
  readonly name?: string;
  /** `active` when absent. */
  readonly status?: string;
}

/**
 * Contracts as one document of the Open Data Contract Standard 3.1 (Bitol), a table a schema object. What
 * the standard has no word for, kinds and purposes among them, stands in custom properties, so that
 * `importOdcs` gives the same contracts back. JSON is YAML too: the document may be written as either.
 * Throws `BadContract` where there is no table, or two of one name.
 *
 * @example
 * const document = exportOdcs([contractData(plays)], { id: 'plays' });
 */
export function exportOdcs(contracts: readonly ContractData[], given: OdcsExport): OdcsDocument {
  if (!/^[A-Za-z0-9_-]+$/.test(given.id)) {
    throw new BadContract('id', 'an id is made of letters, digits, - and _');
  }
  if (contracts.length === 0) throw new BadContract('contracts', 'there is no table to write');
  const names = new Set(contracts.map(({ table }) => table));
  if (names.size < contracts.length) throw new BadContract('contracts', 'two tables share a name');
  const kept = contracts.filter(({ retentionDays }) => retentionDays !== undefined);
  return {
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: given.id,
    ...(given.name !== undefined && { name: given.name }),
    version: given.version ?? '1.0.0',
    status: given.status ?? 'active',
    schema: contracts.map(objectOf),
    ...(kept.length > 0 && {
      slaProperties: kept.map(({ table, retentionDays }) => ({
        ...{ property: 'retention', value: retentionDays, unit: 'd', element: table },
      })),
    }),
  };
}

function objectOf(contract: ContractData): OdcsObject {
  const { purposes, maxBadShare, buckets, subject } = contract;
  return {
    name: contract.table,
    logicalType: 'object',
    physicalType: 'table',
    ...(contract.description !== undefined && { description: contract.description }),
    properties: contract.columns.map((column) => propertyOf(column, contract)),
    ...qualityField(rulesOf(contract).filter(({ column }) => column === undefined)),
    customProperties: custom({
      ...{ purposes, maxBadShare },
      ...{ retentionBy: contract.retentionBy, late: contract.late },
      corrections: contract.corrections,
      buckets: subject === undefined ? undefined : buckets,
    }),
  };
}

/** The standard's type of each kind; what a database would call it is for people. */
const types: Readonly<Record<ColumnKind, readonly [logical: string, physical: string]>> = {
  subject: ['string', 'VARCHAR'],
  key: ['string', 'VARCHAR'],
  text: ['string', 'VARCHAR'],
  oneOf: ['string', 'VARCHAR'],
  int: ['integer', 'BIGINT'],
  int64: ['integer', 'BIGINT'],
  float: ['number', 'DOUBLE'],
  decimal: ['number', 'DECIMAL'],
  bool: ['boolean', 'BOOLEAN'],
  date: ['date', 'DATE'],
  timestamp: ['timestamp', 'TIMESTAMP'],
  texts: ['array', 'VARCHAR[]'],
  numbers: ['array', 'DOUBLE[]'],
};

function propertyOf(column: NamedColumn, contract: ContractData): OdcsProperty {
  const { primaryKey } = contract;
  const rules = rulesOf(contract).filter((rule) => rule.column === column.name);
  const [logicalType, physical] = types[column.kind];
  const place = primaryKey.indexOf(column.name);
  const options = optionsOf(column);
  // A decimal's bounds, and those of 64 bits, are texts: a JSON number would lose their digits.
  const exact = column.kind === 'int64' || column.kind === 'decimal';
  return {
    name: column.name,
    logicalType,
    physicalType: column.scale === undefined ? physical : `${physical}(18, ${column.scale})`,
    required: !column.optional,
    ...(place >= 0 && { primaryKey: true, primaryKeyPosition: place + 1 }),
    classification: column.sensitivity,
    ...(column.description !== undefined && { description: column.description }),
    ...(Object.keys(options).length > 0 && { logicalTypeOptions: options }),
    ...(logicalType === 'array' && {
      items: { logicalType: column.kind === 'texts' ? 'string' : 'number' },
    }),
    ...qualityField(rules, column.values),
    customProperties: custom({
      ...{ kind: column.kind, epoch: column.epoch, scale: column.scale },
      ...(exact && { min: column.min, max: column.max }),
      ...(column.kind === 'texts' && { maxLength: column.maxLength }),
    }),
  };
}

interface PlacedRule {
  /** The one column that the standard's library has it at; absent: it stands at the table. */
  readonly column?: string;
  readonly quality: OdcsQuality;
}

/** Rules that the standard's library knows are said in its words, all others in ours. */
function rulesOf({ rules = [] }: ContractData): readonly PlacedRule[] {
  return rules.map((rule, place) => {
    const severity = rule.severity === 'block' ? 'error' : 'warning';
    const common = { severity, customProperties: custom({ place }) };
    const library = { type: 'library', mustBe: 0, ...common };
    if (rule.kind === 'notNull' && rule.maxShare === 0) {
      return { column: rule.column, quality: { ...library, metric: 'nullValues' } };
    }
    if (rule.kind === 'unique') {
      const [column, ...more] = rule.columns;
      const quality = { ...library, metric: 'duplicateValues' };
      if (more.length === 0) return { column: column!, quality };
      return { quality: { ...quality, arguments: { properties: rule.columns } } };
    }
    return { quality: { type: 'custom', engine: 'backlot', implementation: rule, ...common } };
  });
}

function qualityField(
  rules: readonly PlacedRule[],
  values?: readonly string[],
): { readonly quality?: readonly OdcsQuality[] } {
  const listed = values && {
    ...{ type: 'library', metric: 'invalidValues', mustBe: 0 },
    arguments: { validValues: values },
  };
  const quality = [...(listed ? [listed] : []), ...rules.map((rule) => rule.quality)];
  return quality.length > 0 ? { quality } : {};
}

function optionsOf(column: NamedColumn): Record<string, unknown> {
  const { kind, min, max, maxLength, maxItems } = column;
  const [logicalType] = types[kind];
  if (logicalType === 'string') return defined({ maxLength });
  if (logicalType === 'array') return defined({ maxItems });
  const bounds = kind === 'int64' || kind === 'decimal' ? {} : { minimum: min, maximum: max };
  const format = { int: 'i64', int64: 'i64', float: 'f64' }[kind as 'int'];
  return defined({ ...bounds, format });
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function custom(
  values: Partial<Record<keyof typeof ownProperties, unknown>>,
): readonly OdcsCustomProperty[] {
  return Object.entries(defined(values)).map(([name, value]) => ({
    property: ownProperties[name as keyof typeof ownProperties],
    value,
  }));
}
