import { date, int, timestamp } from '../column.ts';
import { table } from '../contract.ts';
import { startOfDayInZone, wallTime } from '../relations/functions/zones.ts';
import { evaluateExpression, type Row } from '../relations/reference/expression.ts';
import { type Relation, relation, type Shape } from '../relations/relation.ts';
import type { RunRows } from './function-suite.fixture.ts';

/**
 * Moments and days from 1990 to 2037, in steps that meet every hour and weekday. Earlier ones depend on the
 * edition of the time zone database: Java's has other clocks for Tehran in 1978.
 */
export const instants = table(
  'instants',
  { id: int(), at: timestamp(), day: date() },
  { purposes: ['debug'] },
);

const stepMicros = (31 * 24 * 3600 + 5 * 3600 + 17 * 60 + 13) * 1_000_000 + 7;
const [firstDay, dayMicros] = [7305, 86_400_000_000];
export const instantRows: readonly Row[] = Array.from({ length: 550 }, (_, id) => ({
  id,
  at: firstDay * dayMicros + id * stepMicros,
  day: firstDay + id * 31,
}));

/** Zones with every kind of change: at midnight, by half an hour, twice a year around Ramadan, none. */
const zones = [
  'Europe/Berlin',
  'Europe/London',
  'Europe/Istanbul',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Santiago',
  'America/St_Johns',
  'America/Caracas',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Asia/Tehran',
  'Asia/Beirut',
  'Asia/Amman',
  'Asia/Pyongyang',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Etc/GMT-14',
];

/** What an engine's clocks show, zone by zone, otherwise than the reference's. */
export async function zoneDifferences(run: RunRows): Promise<readonly string[]> {
  const made = relation(instants).select((row) => ({
    id: row.id,
    ...Object.fromEntries(zones.map((zone, at) => [`w${at}`, wallTime(row.at, zone)])),
    ...Object.fromEntries(zones.map((zone, at) => [`s${at}`, startOfDayInZone(row.day, zone)])),
  })) as unknown as Relation<Shape>;
  const { node } = made;
  if (node.kind !== 'project') throw new Error('columns are selected');
  const rows = new Map((await run(made)).map((row) => [row.id, row]));
  return node.columns.flatMap(({ name, expression }) => {
    const wrong = instantRows.filter(
      (row) => rows.get(row.id!)?.[name] !== evaluateExpression(expression, row),
    );
    if (wrong.length === 0) return [];
    const [first] = wrong;
    const what = name.startsWith('w') ? 'wallTime' : 'startOfDayInZone';
    const [found, expected] = [
      rows.get(first!.id!)?.[name],
      evaluateExpression(expression, first!),
    ];
    return [
      `${what} in ${zones[Number(name.slice(1))]}: ${wrong.length} of ${instantRows.length}, ` +
        `such as ${JSON.stringify(first)}: ${found}, not ${expected}`,
    ];
  });
}
