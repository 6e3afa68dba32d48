import { seededRandom } from '@backlot/core';
import {
  bool,
  date,
  decimal,
  float,
  int,
  int64,
  key,
  numbers,
  text,
  texts,
  timestamp,
} from '../column.ts';
import { table } from '../contract.ts';
import type { Row } from '../relations/reference/expression.ts';

const purposes = { purposes: ['debug'] } as const;

/** Every type, everything that may be missing, in rows chosen to hurt. */
export const things = table(
  'things',
  {
    id: int(),
    k: text().optional(),
    n: int().optional(),
    x: float().optional(),
    b: bool().optional(),
    at: timestamp().optional(),
    big: int64().optional(),
    dec: decimal(2).optional(),
    day: date().optional(),
    tags: texts().optional(),
    nums: numbers().optional(),
  },
  purposes,
);
/** To be joined on `id`; some ids are there more than once, some not at all. */
export const others = table(
  'others',
  { id: int(), j: text().optional(), m: int().optional() },
  purposes,
);
/** To be found as of a time. */
export const happenings = table(
  'happenings',
  {
    happeningId: int(),
    who: key().optional(),
    when: timestamp().optional(),
    amount: float().optional(),
  },
  purposes,
);
export const hurtingTables = { things, others, happenings } as const;

const words = [
  '',
  ' ',
  'a',
  'A',
  'b',
  'Zz',
  'é',
  'É',
  'e\u0301',
  '\u0301',
  '\u{1f600}',
  'a\u{1f600}b',
  'שלום',
  'ﬁ',
  'a,b',
  "o'x",
  'back\\slash',
  '%_',
  '12',
  'a\tb\nc',
];
const moments = [
  // Around both changes of the clocks of Berlin and New York, month ends, leap days, before 1970.
  '2026-03-29T00:59:59.999999Z',
  '2026-03-29T01:00:00Z',
  '2026-10-25T00:30:00Z',
  '2026-10-25T01:30:00Z',
  '2026-03-08T06:59:59.5Z',
  '2026-11-01T05:30:00Z',
  '2024-02-29T23:59:59.000001Z',
  '2024-01-31T12:00:00Z',
  '2023-12-31T23:59:59.999999Z',
  '1969-12-31T23:59:59.999999Z',
  '1970-01-01T00:00:00Z',
  '1705-05-05T05:05:05.050505Z',
  '2250-12-31T00:00:00Z',
].map(microsOf);
const days = [-96_726, -1, 0, 19_782, 19_783, 20_454, 20_541, 102_632];
const bigs = [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 63n - 2n];
const decimals = ['0.00', '-0.01', '1.10', '9999999999999999.99', '-9999999999999999.99', '0.05'];
// Halves and quarters: their sums do not depend on the order they are taken in.
const floats = [0, 0.25, -0.25, 1, -1, 2.5, -2.5, 7.75, 1e15, -1e15];

/** The rows, the same ones every time. */
export const hurtingRows: Readonly<Record<keyof typeof hurtingTables, readonly Row[]>> = {
  things: draw(40, 1, (pick, optional, below) => ({
    id: below(11) - 5,
    k: optional(() => pick(words)),
    n: optional(() => below(11) - 5),
    x: optional(() => pick(floats)),
    b: optional(() => below(2) === 1),
    at: optional(() => pick(moments)),
    big: optional(() => pick(bigs)),
    dec: optional(() => pick(decimals)),
    day: optional(() => pick(days)),
    tags: optional(() => Array.from({ length: below(4) }, () => pick(words))),
    nums: optional(() => Array.from({ length: below(4) }, () => pick(floats))),
  })),
  others: draw(12, 2, (pick, optional, below) => ({
    id: below(11) - 5,
    j: optional(() => pick(words)),
    m: optional(() => below(9) - 4),
  })),
  happenings: draw(30, 3, (pick, optional, below) => ({
    happeningId: below(5),
    who: optional(() => pick(words.slice(0, 8))),
    when: optional(() => pick(moments)),
    amount: optional(() => pick(floats)),
  })),
};

function draw(
  count: number,
  stream: number,
  row: (
    pick: <T>(from: readonly T[]) => T,
    optional: <T>(value: () => T) => T | null,
    below: (count: number) => number,
  ) => Row,
): readonly Row[] {
  const random = seededRandom(20_260_101, stream);
  const below = (limit: number): number => random.below(limit);
  return Array.from({ length: count }, () =>
    row(
      (from) => from[below(from.length)]!,
      (value) => (below(5) === 0 ? null : value()),
      below,
    ),
  );
}

function microsOf(text: string): number {
  const [seconds, fraction = ''] = text.replace('Z', '').split('.');
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
}
