import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { tableNames } from './data-ls.ts';
import { moment, shortDigest } from './show.ts';

type TableView = Awaited<ReturnType<Connection['api']['readTable']>>;
type ColumnProfile = NonNullable<TableView['profile']>[number];

/** `backlot data profile TABLE`: what the values of its current snapshot are like, and what moved. */
export async function profileTable(
  { args, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const name = args[0]!;
  const found = await suggesting(name, tableNames(api), () =>
    api.readTable({ params: { table: name } }),
  );
  const { profile, snapshots, columns } = found;
  const newest = snapshots[0];
  const shown = { name, ...(newest && { snapshot: newest.digest }), profile: profile ?? [] };
  if (!profile || !newest) {
    output.result(shown, []);
    output.say(newest ? `the contract of ${name} does not name measure` : `${name} has no rows`);
    return;
  }
  const typeOf = (column: string): string =>
    columns.find((one) => one.name === column)?.type ?? '-';
  const head = ['column', 'type', 'missing', 'distinct', 'least', 'median', 'greatest', 'most are'];
  const rows = profile.map((one) => columnRow(one, typeOf(one.name), newest.rows));
  const moved = profile.flatMap(driftRow);
  output.result(shown, [
    `${name}  ${shortDigest(newest.digest)}  ${newest.rows} rows  ${moment(newest.at)}`,
    ...table([head, ...rows]),
    ...(moved.length > 0
      ? table([['moved since before', 'missing', 'psi', 'ks', 'top'], ...moved])
      : []),
  ]);
}

/** One column in a line; `~` stands before what is estimated. */
function columnRow(column: ColumnProfile, type: string, rows: number): readonly string[] {
  const { nulls, distinct, exact, min, max, quantiles, approximate } = column;
  const median = quantiles?.[2];
  return [
    ...[column.name, type, share(rows === 0 ? 0 : nulls / rows)],
    `${exact ? '' : '~'}${distinct}`,
    value(min, type),
    median === undefined ? '-' : `${approximate ? '~' : ''}${value(median, type)}`,
    ...[value(max, type), mostAre(column, rows)],
  ];
}

/** The three most frequent values, and of free text its languages. */
function mostAre({ top = [], languages = [] }: ColumnProfile, rows: number): string {
  return [
    ...top
      .slice(0, 3)
      .map((one) => `${one.value.slice(0, 24)} ${share(one.rows / Math.max(1, rows))}`),
    ...languages.slice(0, 3).map((one) => `[${one.language}] ${share(one.share)}`),
  ].join(', ');
}

function driftRow({ name, drift }: ColumnProfile): readonly (readonly string[])[] {
  if (!drift) return [];
  const figure = (one: number | undefined): string => (one === undefined ? '-' : one.toFixed(3));
  const { nulls, psi, ks, top } = drift;
  return [[name, figure(nulls), figure(psi), figure(ks), figure(top)]];
}

function share(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

const dayMs = 86_400_000;

/** A least, middle or greatest value; times are numbers of microseconds and dates of days. */
function value(one: string | number | undefined, type: string): string {
  if (one === undefined) return '-';
  if (typeof one === 'string') return one.slice(0, 24);
  if (type === 'timestamp') return moment(one / 1000);
  if (type === 'date') return moment(one * dayMs).slice(0, 10);
  return Number.isInteger(one) ? String(one) : String(Number(one.toPrecision(6)));
}

export const run: CommandRun = connected(profileTable);
