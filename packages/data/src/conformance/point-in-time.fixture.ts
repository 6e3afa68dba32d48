import { float, int, key, text, timestamp } from '../column.ts';
import { table } from '../contract.ts';
import type { Row } from '../relations/reference/expression.ts';
import { relation } from '../relations/relation.ts';

export const labels = table(
  'labels',
  { labelId: int(), account: key().optional(), labelTime: timestamp().optional() },
  { purposes: ['debug'] },
);
export const events = table(
  'events',
  {
    eventId: int(),
    account: key().optional(),
    eventTime: timestamp().optional(),
    amount: float().optional(),
    note: text().optional(),
  },
  { purposes: ['debug'] },
);

const at = (second: number): number => 1_772_000_000_000_000 + second * 1_000_000;
const event = (
  eventId: number,
  account: string | null,
  second: number | null,
  amount: number | null = eventId,
  note: string | null = null,
): Row => ({ eventId, account, eventTime: second === null ? null : at(second), amount, note });
const label = (labelId: number, account: string | null, second: number | null): Row => ({
  labelId,
  account,
  labelTime: second === null ? null : at(second),
});

/** Ties, missing keys, times and values, an event at a label's very time, labels before any event. */
export const eventRows: readonly Row[] = [
  event(1, 'a', 0),
  event(2, 'a', 10),
  event(3, 'a', 10, null, 'newest of a tie, its value missing'),
  event(4, 'a', 20, 4, 'é'),
  event(5, 'b', 5),
  event(5, 'b', 5, 6, 'ties beyond the tie column'),
  event(5, 'b', 5, 6, null),
  event(8, null, 1),
  event(9, 'b', null),
  event(10, null, null),
  event(11, '', 3),
];
/** More than 64 of them: DuckDB takes another path for fewer, on which a defect does not show. */
export const labelRows: readonly Row[] = Array.from({ length: 40 }, (_, index) => index).flatMap(
  (index) => [
    label(index, ['a', 'b', '', null, 'nobody'][index % 5]!, index % 27),
    label(100 + index, ['a', 'b', null][index % 3]!, null),
    label(200 + index, 'a', [-1, 0, 9, 10, 11, 20, 25][index % 7]!),
  ],
);

const options = {
  on: [['account', 'account']],
  at: 'labelTime',
  asOf: 'eventTime',
  tie: ['eventId'],
} as const;

/** Every form of the join. */
export const pointInTimeCases = {
  plain: relation(labels).pointInTime(relation(events), options),
  strict: relation(labels).pointInTime(relation(events), { ...options, strict: true }),
  within: relation(labels).pointInTime(relation(events), { ...options, within: { seconds: 5 } }),
  'strict within': relation(labels).pointInTime(relation(events), {
    ...options,
    strict: true,
    within: { seconds: 5 },
  }),
  'without ties': relation(labels).pointInTime(relation(events), { ...options, tie: [] }),
  'keys and times alone': relation(labels).pointInTime(
    relation(events).select(['account', 'eventTime']),
    { ...options, tie: [] },
  ),
};
