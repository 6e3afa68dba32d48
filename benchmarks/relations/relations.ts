import {
  add,
  and,
  avg,
  concat,
  count,
  countDistinct,
  dateTrunc,
  divide,
  gte,
  lag,
  lower,
  lt,
  multiply,
  over,
  type Relation,
  relation,
  rowNumber,
  type Shape,
  sum,
  toFloat,
} from '@backlot/data';
import { accounts, plays } from './tables.ts';

/** A relation as it is built here, and the SQL that one would write by hand for it. */
export interface Pair {
  /** Large results are written as Parquet, small ones are read as columns. */
  readonly how: 'columns' | 'write';
  readonly ours: () => Relation<Shape>;
  readonly sql: string;
}

const all = relation(plays);

export const pairs: Readonly<Record<string, Pair>> = {
  'totals of items': {
    how: 'columns',
    ours: () =>
      all
        .filter((play) => gte(play.ms, 30_000))
        .aggregate(['item'], (play) => ({
          plays: count(),
          listened: sum(play.ms),
          rating: avg(play.rating),
        })),
    sql: `SELECT item, count(*) AS plays, CAST(sum(ms) AS BIGINT) AS listened, avg(rating) AS rating
      FROM plays WHERE ms >= 30000 GROUP BY item`,
  },
  'people of countries by month': {
    how: 'columns',
    ours: () =>
      all
        .join(relation(accounts), { on: [['account', 'id']] })
        .with((row) => ({ month: dateTrunc('month', row.playedAt) }))
        .aggregate(['country', 'month'], (row) => ({
          people: countDistinct(row.account),
          listened: sum(row.ms),
        })),
    sql: `SELECT a.country, date_trunc('month', p."playedAt") AS month,
      count(DISTINCT p.account) AS people, CAST(sum(p.ms) AS BIGINT) AS listened
      FROM plays p JOIN accounts a ON a.id = p.account GROUP BY 1, 2`,
  },
  'different pairs': {
    how: 'write',
    ours: () => all.select(['account', 'item']).distinct(),
    sql: 'SELECT DISTINCT account, item FROM plays',
  },
  'the most played': {
    how: 'columns',
    ours: () =>
      all
        .aggregate(['item'], () => ({ plays: count() }))
        .sort('-plays', 'item')
        .limit(100),
    sql: `SELECT item, count(*) AS plays FROM plays GROUP BY item
      ORDER BY plays DESC NULLS LAST, item ASC NULLS LAST LIMIT 100`,
  },
  'the newest of each account': {
    how: 'write',
    ours: () =>
      all
        .select(['account', 'playedAt', 'playId', 'item'])
        .firstPer({ by: ['account'], order: ['-playedAt', '-playId'] }),
    sql: `SELECT account, "playedAt", "playId", item FROM plays
      QUALIFY row_number() OVER (PARTITION BY account
        ORDER BY "playedAt" DESC NULLS LAST, "playId" DESC NULLS LAST, item ASC NULLS LAST) = 1`,
  },
  'what was listened to so far': {
    how: 'write',
    ours: () =>
      all
        .select(['account', 'playedAt', 'playId', 'ms'])
        .window({ by: ['account'], order: ['playedAt', 'playId'] }, (play) => ({
          place: rowNumber(),
          soFar: over(sum(play.ms), { rowsAfter: 0 }),
          before: lag(play.playedAt),
        })),
    sql: `SELECT account, "playedAt", "playId", ms, row_number() OVER w AS place,
      CAST(sum(ms) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS "soFar",
      lag("playedAt", 1) OVER w AS before
      FROM plays WINDOW w AS (PARTITION BY account
        ORDER BY "playedAt" ASC NULLS LAST, "playId" ASC NULLS LAST, ms ASC NULLS LAST)`,
  },
  'rows with computed columns': {
    how: 'write',
    ours: () =>
      all
        .filter((play) => and(gte(play.ms, 60_000), lt(play.playedAt, '2025-10-01T00:00:00Z')))
        .select((play) => ({
          playId: play.playId,
          minutes: divide(toFloat(play.ms), 60_000),
          weighted: add(multiply(play.ms, 2), 1),
          label: concat(lower(play.kind), '/'),
        })),
    sql: `SELECT "playId", CAST(ms AS DOUBLE) / 60000 AS minutes, ms * 2 + 1 AS weighted,
      translate(kind, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') || '/' AS label
      FROM plays WHERE ms >= 60000 AND "playedAt" < TIMESTAMPTZ '2025-10-01 00:00:00+00'`,
  },
  'a sample of accounts': {
    how: 'columns',
    ours: () =>
      all
        .sample({ key: 'account', share: 0.1, seed: 'a' })
        .aggregate(['account'], (play) => ({ plays: count(), listened: sum(play.ms) })),
    sql: `SELECT account, count(*) AS plays, CAST(sum(ms) AS BIGINT) AS listened FROM plays
      WHERE CAST('0x' || substr(md5('a:' || account), 1, 8) AS BIGINT) < 429496730 GROUP BY account`,
  },
  'kinds as columns': {
    how: 'columns',
    ours: () =>
      all.pivot(['account'], {
        on: 'kind',
        into: { films: 'film', series: 'series', songs: 'song', books: 'book' },
        measure: (play) => sum(play.ms),
      }),
    sql: `SELECT account, ${['film', 'series', 'song', 'book']
      .map((kind) => `CAST(sum(ms) FILTER (WHERE kind = '${kind}') AS BIGINT) AS ${kind}s`)
      .join(', ')} FROM plays GROUP BY account`,
  },
  'three columns of all rows': {
    how: 'columns',
    ours: () => all.select(['playId', 'playedAt', 'ms']),
    sql: 'SELECT "playId", "playedAt", ms FROM plays',
  },
};
