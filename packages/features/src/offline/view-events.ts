import type { Purpose } from '@backlot/access';
import {
  type ColumnResult,
  type DuckDbEngine,
  gte,
  inList,
  lt,
  Relation,
  type RunOptions,
  type Shape,
} from '@backlot/data';
import type { FeatureValue } from '../aggregates/aggregate.ts';
import type { ViewEvent, ViewProgram } from '../views/view-state.ts';

/** What runs relations and answers their columns. */
export type OfflineEngine = Pick<DuckDbEngine, 'columns'>;

/** Which events of a view: from a moment on, before a moment, of some keys. */
interface EventRange {
  readonly from?: number;
  readonly to?: number;
  readonly keys?: readonly string[];
}

/** A view's events by key, each key's in the order of time and then of their names. */
export interface ViewEvents {
  readonly count: number;
  /** The greatest time among them; absent where there is none. */
  readonly newest?: number;
  readonly keys: readonly string[];
  of(key: string): readonly ViewEvent[];
}

/** Reads a view's events. Those without a key, a time or a name are none. */
export async function readEvents(
  engine: OfflineEngine,
  { view, columns: inputs }: ViewProgram,
  run: RunOptions,
  range: EventRange = {},
): Promise<ViewEvents> {
  const { key } = view.entity;
  const names = [...new Set([key, view.at, view.event, ...inputs])];
  const relation = inRange(new Relation<Shape>(view.from), view, range);
  const sorted = relation.select(names).sort(key, view.at, view.event);
  const found = await engine.columns(sorted, { ...run, purpose: run.purpose as Purpose });
  const column = (name: string): ColumnResult => found.columns[name]!;
  const [keys, ats, ids] = [cells(column(key)), cells(column(view.at)), cells(column(view.event))];
  const values = inputs.map((name) => cells(column(name)));
  const ranges = rangesOf(found.rows, keys);
  const event = (row: number): ViewEvent[] => {
    const [at, id] = [ats(row), ids(row)];
    if (at === null || id === null) return [];
    return [{ at: at as number, id: id as string, values: values.map((value) => value(row)) }];
  };
  const newest = newestOf(found.rows, ats);
  return {
    count: found.rows,
    ...(newest !== undefined && { newest }),
    keys: [...ranges.keys()],
    of: (name) => {
      const [start, end] = ranges.get(name) ?? [0, 0];
      return Array.from({ length: end - start }, (_, index) => event(start + index)).flat();
    },
  };
}

function inRange(
  relation: Relation<Shape>,
  { entity, at, from }: ViewProgram['view'],
  range: EventRange,
): Relation<Shape> {
  const asNumber = from.fields.find(({ name }) => name === entity.key)?.type === 'int';
  let found = relation;
  if (range.from !== undefined) {
    found = found.filter((row) => gte(row[at] as never, range.from as never));
  }
  if (range.to !== undefined)
    found = found.filter((row) => lt(row[at] as never, range.to as never));
  if (range.keys) {
    const keys = range.keys.map((key) => (asNumber ? Number(key) : key));
    found = found.filter((row) => inList(row[entity.key] as never, keys as never));
  }
  return found;
}

/** Rows are sorted, so that those of a key are neighbours. */
function rangesOf(
  rows: number,
  keys: (row: number) => FeatureValue,
): ReadonlyMap<string, readonly [number, number]> {
  const ranges = new Map<string, readonly [number, number]>();
  for (let start = 0; start < rows; ) {
    const key = keys(start);
    let end = start + 1;
    while (end < rows && keys(end) === key) end++;
    if (key !== null) ranges.set(String(key), [start, end]);
    start = end;
  }
  return ranges;
}

function newestOf(rows: number, ats: (row: number) => FeatureValue): number | undefined {
  let newest: number | undefined;
  for (let row = 0; row < rows; row++) {
    const at = ats(row) as number | null;
    if (at !== null && (newest === undefined || at > newest)) newest = at;
  }
  return newest;
}

/** A column's values row by row, as a feature may hold them. */
export function cells(column: ColumnResult): (row: number) => FeatureValue {
  if (column.kind === 'list') return (row) => column.data[row] as FeatureValue;
  const { valid } = column;
  const value = (row: number): FeatureValue => {
    if (column.kind === 'codes') return column.values[column.codes[row]!]!;
    return column.kind === 'bool' ? column.data[row] === 1 : column.data[row]!;
  };
  return valid ? (row) => (valid[row] === 0 ? null : value(row)) : value;
}
