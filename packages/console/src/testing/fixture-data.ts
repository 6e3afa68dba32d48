import type { ColumnProfile, Delivery, Table, TableSummary } from '../api-types.ts';
import { dayMs, digest, hourMs, minuteMs, runId, shape } from './fixture-basics.ts';

const rows = 48_210_311;

export function tables(now: number): readonly TableSummary[] {
  const table = (
    name: string,
    columns: number,
    count: number,
    bytes: number,
    age: number,
    quarantined = 0,
  ): TableSummary => ({
    name,
    columns,
    rows: count,
    bytes: Math.round(bytes),
    snapshot: digest(name === 'plays' ? '9c41e7' : name.slice(0, 4).replace(/[^0-9a-f]/g, 'a')),
    at: now - age,
    purposes: name === 'films' ? ['recommend', 'measure', 'serve'] : ['recommend', 'measure'],
    quarantined,
    retentionDays: name === 'films' ? undefined : 400,
  });
  return [
    table('plays', 7, rows, 1.6 * 1024 ** 3, 124 * minuteMs, 412),
    table('films', 11, 214_880, 96 * 1024 ** 2, 3 * hourMs),
    table('purchases', 8, 3_102_554, 180 * 1024 ** 2, 5 * hourMs),
    table('searches', 6, 19_400_120, 720 * 1024 ** 2, 7 * hourMs),
    table('prices', 5, 1_288_400, 41 * 1024 ** 2, 30 * hourMs),
  ].map(({ retentionDays, ...rest }) => ({
    ...rest,
    ...(retentionDays !== undefined && { retentionDays }),
  }));
}

function profiles(scale: number): ColumnProfile[] {
  const share = (value: string, part: number) => ({ value, rows: Math.round(rows * scale * part) });
  const histogram = (high: number, height: (position: number) => number) => ({
    low: 0,
    high,
    counts: shape(24, (position) => 1e6 * scale * height(position)),
  });
  const device = scale === 1 ? [0.41, 0.33, 0.14, 0.08] : [0.56, 0.17, 0.15, 0.07];
  const told: Omit<ColumnProfile, 'exact'>[] = [
    {
      name: 'account',
      nulls: 0,
      distinct: 1_921_004,
      quantiles: [1, 4, 11, 38, 412],
      histogram: histogram(412, (x) => Math.exp(-5 * x)),
    },
    {
      name: 'item',
      nulls: 0,
      distinct: 214_880,
      quantiles: [2, 9, 31, 118, 9_400],
      histogram: histogram(9400, (x) => Math.exp(-11 * x)),
    },
    {
      name: 'playedAt',
      nulls: 0,
      distinct: 38_400_000,
      histogram: histogram(24, (x) => 0.25 + 0.75 * Math.exp(-(((x - 0.87) * 5) ** 2))),
    },
    {
      name: 'msPlayed',
      nulls: 0,
      distinct: 9_100_000,
      quantiles: [4_000, 310_000, 840_000, 3_100_000, 10_440_000],
      histogram: histogram(10_440_000, (x) => Math.exp(-(((x - 0.32) * 4.4) ** 2))),
    },
    {
      name: 'storefront',
      nulls: 0,
      distinct: 152,
      top: [share('US', 0.31), share('BR', 0.12), share('JP', 0.11), share('DE', 0.08)],
    },
    {
      name: 'locale',
      nulls: 0,
      distinct: 37,
      top: [share('en', 0.38), share('pt', 0.13), share('ja', 0.11), share('de', 0.09)],
    },
    {
      name: 'device',
      nulls: Math.round(rows * 0.021),
      distinct: 6,
      top: ['tv', 'phone', 'web', 'tablet'].map((value, index) => share(value, device[index]!)),
    },
  ];
  return told.map((each) => ({ ...each, exact: each.distinct < 100_000 }));
}

export function plays(now: number): Table {
  const both = ['recommend', 'measure'];
  const column = (
    name: string,
    type: string,
    sensitivity: Table['columns'][number]['sensitivity'],
    purposes: readonly string[],
    rules: readonly string[] = [],
  ) => ({ name, type, optional: name === 'device', sensitivity, purposes, rules });
  const rule = (name: string, state: 'ok' | 'warn' | 'fail' = 'ok', broken = 0) => ({
    name,
    state,
    broken,
    checked: 48_210,
  });
  const deltas = [1_310_022, 1_120_311, 942_107, 710_554, -2_104, 884_310];
  let count = rows;
  return {
    name: 'plays',
    contractDigest: digest('c0417a'),
    contractVersion: 6,
    purposes: both,
    retentionDays: 400,
    columns: [
      column('account', 'subject', 'pseudonym', both),
      column('item', 'key', 'public', [], ['in films']),
      column('playedAt', 'timestamp', 'personal', both),
      column('msPlayed', 'int', 'personal', both, ['≥ 0']),
      column('storefront', 'storefront', 'internal', []),
      column('locale', 'locale', 'internal', []),
      column('device', 'text', 'internal', ['measure']),
    ],
    profile: profiles(1),
    profileBefore: profiles(0.97),
    retention: { days: 400, by: 'playedAt', runs: [] },
    snapshots: deltas.map((rowDelta, index) => {
      const snapshot = {
        digest: digest(['9c41e7', '51d0aa', 'e07b12', 'a6639f', '30c5d8', '77f12b'][index]!),
        rows: count,
        bytes: Math.round(count * 35.6),
        buckets: 256,
        at: now - (124 * minuteMs + index * 4 * hourMs),
        delivery: `d31c${8 - index}`,
        rowDelta,
      };
      count -= rowDelta;
      return snapshot;
    }),
    rules: [
      rule('account is never null'),
      rule('playedAt ≤ receivedAt', 'warn', 397),
      rule('(account, item, playedAt) is unique'),
      rule('item is in films'),
      rule('msPlayed ≥ 0', 'warn', 11),
      rule('locale is one of 37'),
      rule('storefront is a country', 'warn', 4),
      rule('rows within ±40% of last week'),
      rule('fresh within 4 h'),
    ],
    quality: { rules: [] },
    quarantine: [
      {
        delivery: 'd31c8',
        rule: 'playedAt ≤ receivedAt',
        column: 'playedAt',
        mend: 'Year is one ahead: subtract 1',
        firstRow: 18_204,
        rows: 397,
        at: now - 124 * minuteMs,
      },
      {
        delivery: 'd31c8',
        rule: 'msPlayed ≥ 0',
        column: 'msPlayed',
        mend: 'Player 4.2 writes −1: map to null',
        firstRow: 18_977,
        example: '-1',
        rows: 11,
        at: now - 124 * minuteMs,
      },
      {
        delivery: 'd31c8',
        rule: 'ISO 3166 country',
        column: 'storefront',
        mend: 'Replace UK by GB',
        firstRow: 40_113,
        example: 'UK',
        rows: 4,
        at: now - 124 * minuteMs,
      },
    ],
  };
}

export function quarantineRows() {
  return [18_204, 18_260, 18_391, 18_402, 18_977, 18_990, 40_113].map((row) => ({
    delivery: 'd31c8',
    row,
    ...(row > 40_000
      ? { column: 'storefront', rule: 'ISO 3166 country', mend: 'Replace UK by GB', value: 'UK' }
      : row > 18_900
        ? {
            column: 'msPlayed',
            rule: 'msPlayed ≥ 0',
            mend: 'Player 4.2 writes −1: map to null',
            value: '-1',
          }
        : {
            column: 'playedAt',
            rule: 'playedAt ≤ receivedAt',
            mend: 'Year is one ahead: subtract 1',
          }),
  }));
}

export function deliveries(now: number): readonly Delivery[] {
  const providers = ['Halcyon TV', 'Marigold', 'Northlight', 'Ostrava Film', 'Kitsune'];
  return Array.from({ length: 14 }, (_, index): Delivery => {
    const refused = index === 3;
    const total = [48_210, 46_902, 12_004, 9_330, 44_840][index % 5]!;
    const held = index === 0 ? 412 : refused ? 8_102 : index % 4 === 1 ? 7 : 0;
    return {
      id: `d31c${(8 + 13 * index).toString(16)}f0`,
      table: ['plays', 'plays', 'films', 'prices', 'plays'][index % 5]!,
      status: refused ? 'refused' : index === 6 ? 'unchanged' : 'accepted',
      provider: providers[index % providers.length]!,
      format: ['jsonl', 'parquet', 'csv'][index % 3]!,
      source: digest(`5${index}ce1`),
      rows: total,
      accepted: refused ? 0 : total - held,
      quarantined: held,
      ...(refused ? {} : { snapshot: digest('9c41e7') }),
      receipt: digest(`7${index}af0`),
      run: runId('7f3a91c'),
      at: now - 124 * minuteMs - index * (dayMs / 5),
      reasons:
        held > 10
          ? [
              {
                rule: refused ? 'price > 0' : 'playedAt ≤ receivedAt',
                column: refused ? 'price' : 'playedAt',
                rows: held,
                mend: refused ? 'The currency column holds cents' : 'Year is one ahead: subtract 1',
              },
            ]
          : [],
    };
  });
}
