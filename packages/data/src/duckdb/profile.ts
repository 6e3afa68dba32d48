import type { Io } from '@backlot/core';
import type { DuckDBValue } from '@duckdb/node-api';
import { columnType, type NamedColumn } from '../contract.ts';
import type { Snapshot } from '../snapshots/snapshot.ts';
import { createView } from './engine.ts';
import { DuckDbSession, quoteName } from './session.ts';

/** What a column's values look like, as JSON data. */
export interface ColumnProfile {
  readonly name: string;
  readonly nulls: number;
  /** Estimated (HyperLogLog), within some percent. */
  readonly distinct: number;
  /** Numbers as they are, times as microseconds or days since 1970, texts in their byte order. */
  readonly min?: string | number;
  readonly max?: string | number;
  /** At 0.01, 0.25, 0.5, 0.75, 0.99. */
  readonly quantiles?: readonly number[];
  /** Twenty bins of equal width; the highest value belongs to the last. */
  readonly histogram?: {
    readonly low: number;
    readonly high: number;
    readonly counts: readonly number[];
  };
  /** The most frequent texts. */
  readonly top?: readonly { readonly value: string; readonly rows: number }[];
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
const quantiles = [0.01, 0.25, 0.5, 0.75, 0.99];

/**
 * Profiles a snapshot column by column. Of personal columns no least, greatest or rare value is
 * shown, and of pseudonyms none at all.
 */
export async function profileSnapshot(
  snapshot: Snapshot,
  options: ProfileOptions,
): Promise<SnapshotProfile> {
  await options.io.files.makeFolder(options.scratch);
  const session = await DuckDbSession.open({ ...options, readable: snapshot.paths });
  try {
    await createView(session, snapshot);
    const columns: ColumnProfile[] = [];
    for (const column of snapshot.manifest.contract.columns) {
      columns.push(await profileColumn(session, snapshot.manifest.table, column));
    }
    return { rows: snapshot.manifest.rows, columns };
  } finally {
    session.close();
  }
}

async function profileColumn(
  session: DuckDbSession,
  table: string,
  column: NamedColumn,
): Promise<ColumnProfile> {
  const name = quoteName(column.name);
  const from = quoteName(table);
  const number = numberOf(column, name);
  const open = column.sensitivity === 'public' || column.sensitivity === 'internal';
  const [nulls, distinct, present] = await row(
    session,
    `SELECT count(*) - count(${name}), approx_count_distinct(${name}), count(${name}) FROM ${from}`,
  );
  const base = {
    name: column.name,
    nulls: Number(nulls),
    distinct: Math.min(Number(distinct), Number(present)),
  };
  if (number) return { ...base, ...(open && (await profileNumbers(session, from, number))) };
  if (columnType(column) !== 'text' && columnType(column) !== 'bool') return base;
  if (column.sensitivity === 'pseudonym') return base;
  const top = await topOf(session, from, name, open ? 1 : leastShared);
  if (!open || columnType(column) === 'bool') return { ...base, top };
  const [min, max] = await row(session, `SELECT min(${name}), max(${name}) FROM ${from}`);
  return {
    ...base,
    top,
    ...(min !== null && min !== undefined && { min: clip(min), max: clip(max!) }),
  };
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

async function profileNumbers(
  session: DuckDbSession,
  from: string,
  number: string,
): Promise<Partial<ColumnProfile>> {
  const at = quantiles.map((quantile) => `quantile_cont(${number}, ${quantile})`);
  const [low, high, ...found] = await row(
    session,
    `SELECT min(${number}), max(${number}), ${at.join(', ')} FROM ${from}`,
  );
  if (typeof low !== 'number' || typeof high !== 'number') return {};
  return {
    min: low,
    max: high,
    quantiles: found.map(Number),
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
