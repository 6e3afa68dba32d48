import type { Io } from '@backlot/core';
import type { DuckDBValue } from '@duckdb/node-api';
import { columnType, type NamedColumn } from '../contract.ts';
import { type LanguageShare, languageMix } from '../profiles/language.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { createView } from './engine.ts';
import { DuckDbSession, quoteName } from './session.ts';

/** What a column's values look like, as JSON data. */
export interface ColumnProfile {
  readonly name: string;
  readonly nulls: number;
  /** Different values. */
  readonly distinct: number;
  /** Whether `distinct` is counted; else it is estimated (HyperLogLog), within some percent. */
  readonly exact: boolean;
  /** Numbers as they are, times as microseconds or days since 1970, texts in their byte order. */
  readonly min?: string | number;
  readonly max?: string | number;
  /** At 0.01, 0.25, 0.5, 0.75, 0.99. */
  readonly quantiles?: readonly number[];
  /** The quantiles at every hundredth from 0 to 1, for drift. */
  readonly grid?: readonly number[];
  /** Whether the quantiles are estimated (t-digest): there are too many rows to sort. */
  readonly approximate?: true;
  /** Twenty bins of equal width; the highest value belongs to the last. */
  readonly histogram?: {
    readonly low: number;
    readonly high: number;
    readonly counts: readonly number[];
  };
  /** The most frequent texts; absent too where nearly every row has its own. */
  readonly top?: readonly { readonly value: string; readonly rows: number }[];
  /** Of free text, from a sample of its rows. */
  readonly languages?: readonly LanguageShare[];
}

export interface SnapshotProfile {
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
}

export interface ProfileOptions {
  readonly io: Io;
  readonly memoryMiB: number;
  readonly threads: number;
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

const bins = 20;
const topValues = 10;
/** A value of a personal column that fewer rows share is not shown: it could name a person. */
const leastShared = 20;
/** Up to so many different values, by the estimate, they are counted. */
const countedDistinct = 100_000;
/** Beyond so many rows quantiles are estimated, for exact ones hold a column in memory. */
const sortedRows = 20_000_000;
const languageSample = 2_000;

/**
 * Profiles a snapshot: counts and bounds of all columns in one pass, then each column's
 * distribution. Of personal columns no least, greatest or rare value is shown, and of pseudonyms
 * none at all.
 */
export async function profileSnapshot(
  snapshot: Snapshot,
  options: ProfileOptions,
): Promise<SnapshotProfile> {
  await options.io.files.makeFolder(options.scratch);
  const session = await DuckDbSession.open({ ...options, readable: snapshot.paths });
  try {
    await createView(session, snapshot);
    const from = quoteName(snapshot.manifest.table);
    const columns: ColumnProfile[] = [];
    const { rows } = snapshot.manifest;
    for (const base of await countColumns(session, from, snapshot.manifest.contract.columns)) {
      columns.push(await profileColumn(session, from, base, rows));
    }
    return { rows, columns };
  } finally {
    session.close();
  }
}

/** What one pass over all columns tells of each. */
interface Counted {
  readonly column: NamedColumn;
  readonly nulls: number;
  readonly present: number;
  readonly distinct: number;
  readonly exact: boolean;
}

async function countColumns(
  session: DuckDbSession,
  from: string,
  columns: readonly NamedColumn[],
): Promise<readonly Counted[]> {
  const counts = columns.flatMap(({ name }) => {
    const quoted = quoteName(name);
    return [`count(${quoted})`, `approx_count_distinct(${quoted})`];
  });
  const found = await row(session, `SELECT count(*), ${counts.join(', ')} FROM ${from}`);
  const total = Number(found[0]);
  const estimated = columns.map((column, index) => ({
    column,
    present: Number(found[1 + index * 2]),
    distinct: Number(found[2 + index * 2]),
  }));
  const few = estimated.filter(({ distinct }) => distinct <= countedDistinct);
  const exactly = few.map(({ column }) => `count(DISTINCT ${quoteName(column.name)})`);
  const counted = few.length ? await row(session, `SELECT ${exactly.join(', ')} FROM ${from}`) : [];
  const exact = new Map(few.map(({ column }, index) => [column.name, Number(counted[index])]));
  return estimated.map(({ column, present, distinct }) => ({
    ...{ column, present, nulls: total - present, exact: exact.has(column.name) },
    distinct: exact.get(column.name) ?? Math.min(distinct, present),
  }));
}

async function profileColumn(
  session: DuckDbSession,
  from: string,
  { column, nulls, present, distinct, exact }: Counted,
  rows: number,
): Promise<ColumnProfile> {
  const name = quoteName(column.name);
  const number = numberOf(column, name);
  const open = column.sensitivity === 'public' || column.sensitivity === 'internal';
  const base = { name: column.name, nulls, distinct, exact };
  if (number) return { ...base, ...(open && (await profileNumbers(session, from, number, rows))) };
  if (columnType(column) !== 'text' && columnType(column) !== 'bool') return base;
  if (column.sensitivity === 'pseudonym') return base;
  // Where nearly every row has a value of its own, none is frequent.
  const telling = exact || distinct < present * 0.8;
  const top = telling && { top: await topOf(session, from, name, open ? 1 : leastShared) };
  if (!open || columnType(column) === 'bool') return { ...base, ...top };
  const [min, max] = await row(session, `SELECT min(${name}), max(${name}) FROM ${from}`);
  return {
    ...base,
    ...top,
    ...(column.kind === 'text' && present > 0 && (await languagesOf(session, from, name))),
    ...(min !== null && min !== undefined && { min: clip(min), max: clip(max!) }),
  };
}

async function languagesOf(
  session: DuckDbSession,
  from: string,
  name: string,
): Promise<Pick<ColumnProfile, 'languages'>> {
  // Chosen by hash, so that the same rows have the same mix.
  const result = await session.run(
    'profile',
    `SELECT left(v, 500) FROM (SELECT ${name} AS v FROM ${from} WHERE ${name} <> '')
     ORDER BY hash(v), v LIMIT ${languageSample}`,
  );
  const texts = (await result.getRows()).map(([text]) => String(text));
  return texts.length > 0 ? { languages: languageMix(texts) } : {};
}

/** The column as a number, where it is one. */
function numberOf(column: NamedColumn, name: string): string | undefined {
  switch (columnType(column)) {
    case 'int':
    case 'int64':
    case 'float':
    case 'decimal':
      return `CAST(${name} AS DOUBLE)`;
    case 'timestamp':
      return `CAST(epoch_us(${name}) AS DOUBLE)`;
    case 'date':
      return `CAST(date_diff('day', DATE '1970-01-01', ${name}) AS DOUBLE)`;
    default:
      return undefined;
  }
}

const hundredths = Array.from({ length: 101 }, (_, index) => index / 100);

async function profileNumbers(
  session: DuckDbSession,
  from: string,
  number: string,
  rows: number,
): Promise<Partial<ColumnProfile>> {
  const approximate = rows > sortedRows;
  const quantile = approximate ? 'approx_quantile' : 'quantile_cont';
  const [low, high, found] = await row(
    session,
    `SELECT min(${number}), max(${number}), ${quantile}(${number}, [${hundredths.join(', ')}])
     FROM ${from}`,
  );
  if (typeof low !== 'number' || typeof high !== 'number') return {};
  const grid = (found as unknown as { items: readonly number[] }).items.map(Number);
  return {
    min: low,
    max: high,
    quantiles: [1, 25, 50, 75, 99].map((hundredth) => grid[hundredth]!),
    grid,
    ...(approximate && { approximate: true as const }),
    histogram: { low, high, counts: await histogram(session, from, number, low, high) },
  };
}

async function histogram(
  session: DuckDbSession,
  from: string,
  number: string,
  low: number,
  high: number,
): Promise<readonly number[]> {
  const width = (high - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  // With one value, or a range that overflows, there is nothing to divide.
  const bin =
    width > 0 && Number.isFinite(width)
      ? `least(${bins - 1}, CAST(floor((${number} - $1) / $2) AS INTEGER))`
      : '0';
  const values = bin === '0' ? [] : [low, width];
  const result = await session.run(
    'profile',
    `SELECT ${bin} AS bin, count(*) FROM ${from} WHERE ${number} IS NOT NULL GROUP BY 1`,
    values,
  );
  for (const [index, rows] of await result.getRows()) counts[Number(index)] = Number(rows);
  return counts;
}

async function topOf(
  session: DuckDbSession,
  from: string,
  name: string,
  atLeast: number,
): Promise<readonly { readonly value: string; readonly rows: number }[]> {
  const result = await session.run(
    'profile',
    `SELECT CAST(${name} AS VARCHAR) AS value, count(*) AS n FROM ${from} WHERE ${name} IS NOT NULL GROUP BY ${name}
     HAVING count(*) >= ${atLeast} ORDER BY n DESC, value LIMIT ${topValues}`,
  );
  return (await result.getRows()).map(([value, rows]) => ({
    value: clip(value!),
    rows: Number(rows),
  }));
}

async function row(session: DuckDbSession, sql: string): Promise<readonly DuckDBValue[]> {
  return (await (await session.run('profile', sql)).getRows())[0] ?? [];
}

const longestShown = 200;

function clip(value: DuckDBValue): string {
  const points = [...String(value)];
  return points.length > longestShown
    ? `${points.slice(0, longestShown - 1).join('')}…`
    : points.join('');
}
