import { isPurpose, type Purpose } from '@backlot/access';
import { isName } from '@backlot/core';
import {
  bool,
  type Column,
  type ColumnKind,
  columnKinds,
  date,
  decimal,
  type EpochUnit,
  float,
  int,
  int64,
  key,
  kindFacts,
  numbers,
  oneOf,
  type Sensitivity,
  sensitivities,
  subject,
  text,
  texts,
  timestamp,
  type ValueType,
} from '../column.ts';
import {
  type Columns,
  type ContractData,
  type Corrections,
  contractData,
  isColumnName,
  type LateRows,
  parseContract,
  type TableOptions,
  table,
} from '../contract.ts';
import { BadContract } from '../data-error.ts';
import { columnQuality, listedTexts, type PlacedRule, tableQuality } from './import-quality.ts';
import {
  type OdcsCustomProperty,
  type OdcsObject,
  type OdcsProperty,
  ownProperties,
} from './odcs-document.ts';

export interface OdcsImport {
  /** What rows may be read for, where the document does not say it in our own words: nothing is assumed. */
  readonly purposes?: readonly Purpose[];
  /**
   * Names that nothing here can have are adapted, and columns or tables that cannot be taken are left
   * out, instead of refusing the document; each is listed among what was not carried.
   */
  readonly adapt?: boolean;
}

export interface ImportedOdcs {
  readonly contracts: readonly ContractData[];
  /** What the document says and a contract here does not: each by its place. */
  readonly notCarried: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;
type AnyColumn = Column<ValueType, boolean, unknown>;

/**
 * Contracts from a document of the Open Data Contract Standard 3.0 or 3.1, read from JSON or YAML before.
 * Types come from logical types; a table's purposes must be said. What has no counterpart here is listed,
 * not dropped in silence. Throws `BadContract` with the place of what cannot be taken: nested objects, times
 * without a day, names that no column can have.
 *
 * @example
 * const { contracts, notCarried } = importOdcs(JSON.parse(text), { purposes: ['measure'] });
 */
export function importOdcs(document: unknown, options: OdcsImport = {}): ImportedOdcs {
  const root = recordOf(document, 'the document');
  if (root.kind !== 'DataContract') throw new BadContract('kind', 'it is no DataContract');
  if (!/^v3\.[01]\.\d+$/.test(String(root.apiVersion))) {
    throw new BadContract('apiVersion', 'versions 3.0 and 3.1 of the standard are read');
  }
  const objects = options.adapt && root.schema === undefined ? [] : listOf(root.schema, 'schema');
  if (objects.length === 0 && !options.adapt) {
    throw new BadContract('schema', 'the document describes no table');
  }
  const notCarried = Object.keys(root).filter((name) => !carried.root.has(name));
  const contracts = objects.flatMap((object, at) => {
    const place = `schema[${at}]`;
    const read = (lost: string[]) =>
      contractOf(recordOf(object, place), place, root, options, lost);
    const found = options.adapt ? orLeftOut(place, notCarried, read) : read(notCarried);
    return found ? [found] : [];
  });
  return { contracts, notCarried };
}

/** What a step reads, with what it lost; or nothing, where it cannot be taken, which is a loss. */
function orLeftOut<T>(
  place: string,
  notCarried: string[],
  read: (lost: string[]) => T,
): T | undefined {
  const lost: string[] = [];
  try {
    const found = read(lost);
    notCarried.push(...lost);
    return found;
  } catch (error) {
    if (!(error instanceof BadContract)) throw error;
    notCarried.push(`${place} (left out: ${error.reason})`);
    return undefined;
  }
}

const carried = {
  root: new Set([
    ...['apiVersion', 'kind', 'id', 'name', 'version', 'status', 'schema', 'slaProperties'],
    ...['contractCreatedTs'],
  ]),
  object: new Set(['id', 'name', 'logicalType', 'physicalType', 'description', 'properties']),
  property: new Set([
    ...['id', 'name', 'logicalType', 'logicalTypeOptions', 'physicalType', 'required'],
    ...['primaryKey', 'primaryKeyPosition', 'classification', 'description', 'items'],
  ]),
};

function contractOf(
  object: Json,
  place: string,
  root: Json,
  options: OdcsImport,
  notCarried: string[],
): ContractData {
  const given = object as unknown as OdcsObject;
  const name = tableName(nameOf(given.name, place), place, options, notCarried);
  const own = ownOf(given.customProperties, place, notCarried);
  const rules: PlacedRule[] = [];
  noteRest(object, carried.object, place, notCarried);
  const properties = listOf(given.properties, `${place}.properties`);
  const columns = new Map<string, AnyColumn>();
  const keys: { name: string; position: number }[] = [];
  properties.forEach((property, at) => {
    const inside = `${place}.properties[${at}]`;
    const one = recordOf(property, inside) as unknown as OdcsProperty;
    const column = columnName(nameOf(one.name, inside), inside, options, notCarried);
    if (columns.has(column)) throw new BadContract(inside, 'another property has its name');
    const read = (lost: string[]) => columnOf(one, inside, lost);
    const found = options.adapt ? adapted(one, inside, notCarried) : read(notCarried);
    if (!found) return;
    columns.set(column, found);
    const { values } = found.data;
    const named = { name: column, ...(values && { values }) };
    rules.push(...columnQuality(one, named, inside, notCarried));
    // Those without a place of their own come last, in the order of the document.
    const position = (one.primaryKeyPosition ?? -1) > 0 ? one.primaryKeyPosition! : 2 ** 30;
    if (one.primaryKey) keys.push({ name: column, position });
  });
  keys.sort((a, b) => a.position - b.position);
  const retentionDays = retentionOf(root, nameOf(given.name, place), notCarried);
  rules.push(...tableQuality(given.quality, place, notCarried));
  const ordered = rules.toSorted((a, b) => a.place - b.place).map(({ rule }) => rule);
  const made = table(name, Object.fromEntries(columns), {
    purposes: purposesOf(own.purposes ?? options.purposes, place),
    primaryKey: keys.map((one) => one.name),
    ...(own.maxBadShare !== undefined && { maxBadShare: numberOf(own.maxBadShare, place) }),
    ...(own.buckets !== undefined && { buckets: numberOf(own.buckets, place) }),
    ...(given.description !== undefined && { description: String(given.description) }),
    ...(retentionDays !== undefined && { retentionDays }),
    ...(own.retentionBy !== undefined && { retentionBy: String(own.retentionBy) }),
    ...(own.corrections !== undefined && { corrections: own.corrections as Corrections }),
    ...(own.late !== undefined && { late: own.late as LateRows }),
    ...(ordered.length > 0 && { rules: ordered }),
  } as TableOptions<Columns, Purpose>);
  return parseContract(contractData(made));
}

/** The column with all that is said of it, else without its bounds, else nothing. */
function adapted(
  property: OdcsProperty,
  place: string,
  notCarried: string[],
): AnyColumn | undefined {
  const lost: string[] = [];
  try {
    const found = columnOf(property, place, lost);
    notCarried.push(...lost);
    return found;
  } catch (error) {
    if (!(error instanceof BadContract)) throw error;
    const { logicalTypeOptions, ...rest } = property;
    const found = orLeftOut(place, notCarried, (less) => columnOf(rest, place, less));
    if (found && logicalTypeOptions) notCarried.push(`${place}.logicalTypeOptions`);
    return found;
  }
}

function tableName(name: string, place: string, options: OdcsImport, lost: string[]): string {
  const good: boolean = isName(name);
  if (!options.adapt || good) return name;
  lost.push(`${place}.name`);
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return (
    words
      .replace(/^[^a-z]+/, '')
      .replace(/-+$/, '')
      .slice(0, 60) || 'table'
  );
}

function columnName(name: string, place: string, options: OdcsImport, lost: string[]): string {
  const good: boolean = isColumnName(name);
  if (!options.adapt || good) return name;
  lost.push(`${place}.name`);
  const words = name.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^[^A-Za-z]+/, '');
  return words === '' ? 'column' : `${words[0]!.toLowerCase()}${words.slice(1, 63)}`;
}

function purposesOf(value: unknown, place: string): readonly Purpose[] {
  if (Array.isArray(value) && value.length > 0 && value.every(isPurpose)) return value;
  throw new BadContract(
    place,
    'the document does not say what its rows may be read for',
    'name purposes for the import',
  );
}

/** Days of the retention that is said of a table, or of all. */
function retentionOf(root: Json, name: string, notCarried: string[]): number | undefined {
  let days: number | undefined;
  // Each table goes over the same entries.
  const listed = new Set(notCarried);
  listOf(root.slaProperties ?? [], 'slaProperties').forEach((one, at) => {
    const place = `slaProperties[${at}]`;
    const { property, value, unit, element } = recordOf(one, place);
    const scale = { d: 1, day: 1, days: 1, y: 365, yr: 365, years: 365 }[String(unit) as 'd'];
    const amount = Number(value);
    const known = property === 'retention' && scale !== undefined && Number.isInteger(amount);
    const whose = typeof element === 'string' ? element.split('.')[0] : undefined;
    if (!known) {
      if (!listed.has(place)) notCarried.push(place);
    } else if (whose === undefined || whose === name) days = amount * scale;
  });
  return days;
}

/** The kinds that a document's own types mean, where it does not say ours. */
const kinds: Readonly<Record<string, ColumnKind>> = {
  ...{ string: 'text', integer: 'int', number: 'float', boolean: 'bool' },
  ...{ date: 'date', timestamp: 'timestamp' },
};

function columnOf(property: OdcsProperty, place: string, notCarried: string[]): AnyColumn {
  const own = ownOf(property.customProperties, place, notCarried);
  noteRest(property as unknown as Json, carried.property, place, notCarried);
  const values = validValues(property, place);
  const kind = kindOf(property, own, values, place);
  const bounded = withBounds(
    columnOfKind(kind, own, values, place),
    property,
    own,
    place,
    notCarried,
  );
  const described =
    property.description === undefined ? bounded : bounded.describe(String(property.description));
  const classified = withSensitivity(described, kind, property, place, notCarried);
  return property.required === true ? classified : classified.optional();
}

function kindOf(
  { logicalType, items }: OdcsProperty,
  own: Own,
  values: readonly string[] | undefined,
  place: string,
): ColumnKind {
  if (own.kind !== undefined) {
    if (Object.hasOwn(columnKinds, String(own.kind))) return own.kind as ColumnKind;
    throw new BadContract(place, 'there is no such kind of column');
  }
  if (logicalType === 'array') {
    const inner = items?.logicalType;
    if (inner === 'string') return 'texts';
    if (inner === 'number' || inner === 'integer') return 'numbers';
    throw new BadContract(place, 'a list of texts or of numbers is taken, nothing else');
  }
  if (logicalType === 'string' && values) return 'oneOf';
  const kind = kinds[String(logicalType)];
  if (kind) return kind;
  throw new BadContract(place, `the logical type ${String(logicalType)} has no counterpart here`);
}

function columnOfKind(
  kind: ColumnKind,
  { epoch, scale }: Own,
  values: readonly string[] | undefined,
  place: string,
): AnyColumn {
  if (kind === 'decimal') return decimal(numberOf(scale, place)) as AnyColumn;
  if (kind === 'oneOf') return oneOf(values ?? []) as AnyColumn;
  if (kind === 'timestamp' && epoch !== undefined) {
    if (!['s', 'ms', 'us'].includes(String(epoch))) {
      throw new BadContract(place, 'numbers that stand for times are in s, ms or us');
    }
    return timestamp({ epoch: epoch as EpochUnit }) as AnyColumn;
  }
  const make = { subject, key, text, int, int64, float, bool, date, timestamp, texts, numbers };
  return make[kind]() as AnyColumn;
}

/** What rules of a column are called on both sides. */
function withBounds(
  column: AnyColumn,
  { logicalTypeOptions }: OdcsProperty,
  own: Own,
  place: string,
  notCarried: string[],
): AnyColumn {
  const { minimum, maximum, maxLength, maxItems, format, ...rest } = logicalTypeOptions ?? {};
  const { type } = kindFacts(column.data.kind);
  const isList = type === 'texts' || type === 'numbers';
  const lost = [
    ...Object.keys(rest),
    // The widths of numbers are ours already; a pattern of text or time is not checked here.
    ...(format !== undefined && !['i64', 'i32', 'f64'].includes(String(format)) ? ['format'] : []),
    ...(maxItems !== undefined && !isList ? ['maxItems'] : []),
    ...(maxLength !== undefined && type !== 'text' ? ['maxLength'] : []),
  ];
  for (const name of lost) notCarried.push(`${place}.logicalTypeOptions.${name}`);
  const rules = { min: own.min ?? minimum, max: own.max ?? maximum };
  let found = column as Column<'int'>;
  if (rules.min !== undefined) found = found.min(rules.min as number);
  if (rules.max !== undefined) found = found.max(rules.max as number);
  let listed = found as unknown as Column<'texts'>;
  const longest = own.maxLength ?? (type === 'text' ? maxLength : undefined);
  if (longest !== undefined) listed = listed.maxLength(numberOf(longest, place));
  if (maxItems !== undefined && isList) listed = listed.maxItems(numberOf(maxItems, place));
  return listed as unknown as AnyColumn;
}

function withSensitivity(
  column: AnyColumn,
  kind: ColumnKind,
  property: OdcsProperty,
  place: string,
  notCarried: string[],
): AnyColumn {
  const items = (property.items ?? {}) as OdcsProperty;
  const known = new Set(['logicalType', 'classification']);
  noteRest(items as Json, known, `${place}.items`, notCarried);
  const classification = property.classification ?? items.classification;
  if (classification === undefined || kind === 'subject') return column;
  const ours = (sensitivities as readonly string[]).includes(classification);
  if (ours && classification !== 'pseudonym') {
    return column.sensitive(classification as Exclude<Sensitivity, 'pseudonym'>);
  }
  // A class of another house is not ours to read: what it might protect is held to be personal.
  notCarried.push(`${place}.classification`);
  return column.sensitive('personal');
}

/** The only texts allowed, as a rule of the standard's library says them. */
function validValues({ quality }: OdcsProperty, place: string): readonly string[] | undefined {
  const found = listOf(quality ?? [], `${place}.quality`).map((rule, at) =>
    listedTexts(recordOf(rule, `${place}.quality[${at}]`)),
  );
  return found.find((values) => values !== undefined);
}

type Own = Partial<Record<keyof typeof ownProperties, unknown>>;

/** Our own words among custom properties; the others are listed. */
function ownOf(
  given: readonly OdcsCustomProperty[] | undefined,
  place: string,
  notCarried: string[],
): Own {
  const names = Object.entries(ownProperties);
  const found: Own = {};
  listOf(given ?? [], `${place}.customProperties`).forEach((one, at) => {
    const inside = `${place}.customProperties[${at}]`;
    const { property, value } = recordOf(one, inside);
    const name = names.find(([, word]) => word === property)?.[0];
    if (name) found[name as keyof typeof ownProperties] = value;
    else notCarried.push(inside);
  });
  return found;
}

function noteRest(
  given: Json,
  known: ReadonlySet<string>,
  place: string,
  notCarried: string[],
): void {
  for (const name of Object.keys(given)) {
    const listed = name === 'customProperties' || name === 'quality';
    if (!known.has(name) && !listed) notCarried.push(`${place}.${name}`);
  }
}

function nameOf(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new BadContract(place, 'it has no name');
}

function recordOf(value: unknown, place: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new BadContract(place, 'is no object');
}

function listOf(value: unknown, place: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new BadContract(place, 'is no list');
}

function numberOf(value: unknown, place: string): number {
  if (typeof value === 'number') return value;
  throw new BadContract(place, 'holds something else than a number where one is needed');
}
