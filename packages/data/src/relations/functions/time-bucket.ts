import { type Duration, durationMicros } from '../duration.ts';
import { call, type Expression } from '../expression.ts';
import type { Definitions } from './definition.ts';

export type TimeBucketOperation = 'timeBucket';

export const timeBucketFunctions: Definitions<TimeBucketOperation> = {
  timeBucket: {
    value: ([at], { parameters }) => bucketStart(Number(at), Number(parameters?.micros)),
    duckdb: ([at], { parameters }) => {
      const start = startSql(`epoch_us(${at})`, parameters?.micros);
      return `CAST(make_timestamp(${start}) AS TIMESTAMP WITH TIME ZONE)`;
    },
    spark: ([at], { parameters }) =>
      `timestamp_micros(${startSql(`unix_micros(${at})`, parameters?.micros)})`,
  },
};

/** The start of the bucket of a moment; buckets begin at multiples of their width since 1970, UTC. */
export function bucketStart(micros: number, width: number): number {
  return micros - (((micros % width) + width) % width);
}

/** In whole numbers, for a quotient is not exact in doubles. */
function startSql(micros: string, width: unknown): string {
  const each = Math.trunc(Number(width));
  return `(${micros} - ((${micros} % ${each}) + ${each}) % ${each})`;
}

/** The start of the bucket of a fixed width that a moment lies in. Days begin at midnight in UTC. */
export function timeBucket<N extends boolean>(
  every: Duration,
  value: Expression<'timestamp', N>,
): Expression<'timestamp', N> {
  const field = { type: 'timestamp' as const, nullable: value.node.nullable };
  return call('timeBucket', [value.node], field, { micros: durationMicros(every) });
}
