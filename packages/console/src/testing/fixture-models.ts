import type {
  Deployment,
  Endpoint,
  Item,
  MetricRow,
  ModelSummary,
  Version,
  VersionSummary,
} from '../api-types.ts';
import { dayMs, digest, estimate, hourMs, minuteMs, runId } from './fixture-basics.ts';

const slices: readonly (readonly [string, number, number, number, number, number, number])[] = [
  ['all', 112_944, 0.1121, 0.1189, 6.8, 5.6, 8.0],
  ['US', 41_208, 0.1184, 0.1265, 8.1, 6.2, 10.0],
  ['JP', 18_422, 0.1092, 0.1156, 6.4, 3.1, 9.7],
  ['BR', 15_903, 0.1046, 0.1139, 9.3, 5.8, 12.8],
  ['DE', 12_077, 0.111, 0.1162, 5.2, 1.2, 9.2],
  ['GB', 11_640, 0.1151, 0.1211, 6.0, 1.9, 10.1],
  ['FR', 8_904, 0.1078, 0.1125, 4.7, 0.4, 9.0],
  ['ID', 2_479, 0.0969, 0.099, 2.1, -3.8, 8.0],
  ['EG', 2_311, 0.095, 0.0941, -0.9, -7.1, 5.3],
];

function metricRows(): MetricRow[] {
  return [
    ['ndcg@20', 1],
    ['recall@20', 1.6],
  ].flatMap(([metric, factor]) =>
    slices.map(([value, accounts, before, after, change, low, high]): MetricRow => {
      const scale = Number(factor);
      return {
        metric: String(metric),
        slice: value === 'all' ? 'all' : 'storefront',
        value,
        accounts,
        estimate: estimate(after * scale, (after - 0.002) * scale, (after + 0.002) * scale),
        baseline: estimate(before * scale, (before - 0.002) * scale, (before + 0.002) * scale),
        difference: estimate((change * scale) / 1000, (low * scale) / 1000, (high * scale) / 1000),
      };
    }),
  );
}

export function summary(
  now: number,
  version: number,
  approval: VersionSummary['approval'],
): VersionSummary {
  return {
    model: 'als-film',
    version,
    digest: digest(version === 14 ? '8c1f2e' : `4be1${version}`),
    bytes: (version === 14 ? 420 : 212) * 1024 ** 2,
    at: now - (15 - version) * 9 * dayMs + 6 * dayMs,
    run: runId('e2c805d'),
    authors: ['imke'],
    aliases: version === 13 ? ['production'] : version === 14 ? ['candidate'] : [],
    approval,
    metrics: {
      'ndcg@20': version === 14 ? 0.1189 : 0.1121,
      'recall@20': version === 14 ? 0.183 : 0.171,
    },
  };
}

/** Version 14, as the person who asks sees it. */
export function version14(
  now: number,
  author: boolean,
  decided?: { readonly decision: 'approved' | 'refused'; readonly reason: string },
): Version {
  const day = (days: number): number => now - Math.round(days * dayMs);
  return {
    ...summary(now, 14, decided ? decided.decision : 'proposed'),
    estimator: 'implicitALS',
    parameters: { factors: 512, regularisation: 1, alpha: 20 },
    inputs: [
      { name: 'plays', digest: digest('a91b3c'), rows: 39_204_110 },
      { name: 'films', digest: digest('e7c90a'), rows: 214_880 },
    ],
    evaluation: digest('c7720b'),
    card: digest('f19a40'),
    code: digest('e90d2a'),
    cardData: { licence: 'internal' },
    cardMarkdown:
      '# als-film v14\n\nA recommender of films, learnt from plays.\n\n## Data\n\n- plays@a91b3c\n- films@e7c90a\n',
    baseline: 'v13',
    rows: metricRows(),
    absentSlices: ['age band'],
    privacy: [
      {
        label: 'Statement',
        text: 'Trained without differential privacy. A person’s plays can affect what this model returns.',
      },
      { label: 'Unit', text: 'one account, 1.88 M of them' },
      { label: 'Purposes', text: 'recommend' },
      { label: 'Subjects', text: 'pseudonyms only' },
      { label: 'Erased since training', text: '3 accounts, retrain by 12 Dec' },
    ],
    proposal: {
      id: 'pr-81c0aa1',
      endpoint: 'film-recommend',
      by: 'imke',
      at: day(2.4),
      expiresAt: now + 2 * dayMs + 3 * hourMs,
      binds: [
        { name: 'Model', value: digest('8c1f2e') },
        { name: 'Data', value: digest('a91b3c') },
        { name: 'Evaluation', value: digest('c7720b') },
        { name: 'Card', value: digest('f19a40') },
        { name: 'Target', value: 'film-recommend, 100%' },
      ],
      checks: [
        { name: 'Evaluated on a full ranking', ok: true, measure: '214,880 items' },
        { name: 'No storefront worse at 95%', ok: true, measure: '0 of 8' },
        { name: 'p99 within its limit', ok: true, measure: '18 of 40 ms' },
        { name: 'Licence and residency', ok: true, measure: 'internal' },
        { name: 'EG has few accounts', ok: false, measure: '2,311 of 5,000' },
      ],
    },
    decisions: decided
      ? [{ by: 'nadia', ...decided, at: now, key: 'key-9c2e4', statement: digest('5ac7e2') }]
      : [],
    mayApprove: author
      ? {
          allowed: false,
          reason:
            'imke made this version, and a version is approved by someone outside its lineage',
        }
      : { allowed: decided === undefined },
    diff: {
      against: 13,
      lines: [
        { mark: ' ', key: 'estimator', value: 'implicitALS' },
        { mark: '-', key: 'factors', value: '256' },
        { mark: '+', key: 'factors', value: '512' },
        { mark: '-', key: 'data', value: 'plays@7d02e1  31.0 M rows' },
        { mark: '+', key: 'data', value: 'plays@a91b3c  39.2 M rows' },
        { mark: ' ', key: 'films', value: 'films@e7c90a' },
        { mark: '-', key: 'size', value: '212 MiB' },
        { mark: '+', key: 'size', value: '420 MiB' },
      ],
    },
  };
}

export function models(now: number, approval: VersionSummary['approval']): readonly ModelSummary[] {
  const other = (name: string, version: number): ModelSummary => {
    const made = {
      ...summary(now, 13, 'consumed'),
      model: name,
      version,
      digest: digest(`${version}aa${name.length}`),
    };
    return { name, versions: version, latest: made, production: made };
  };
  return [
    {
      name: 'als-film',
      versions: 14,
      latest: summary(now, 14, approval),
      production: summary(now, 13, 'consumed'),
    },
    other('pop-film', 9),
    other('knn-book', 4),
  ];
}

function deployment(
  now: number,
  version: number,
  days: number,
  state: Deployment['state'],
): Deployment {
  return {
    id: `dep-${version}-${days}`,
    endpoint: 'film-recommend',
    model: 'als-film',
    version,
    digest: digest(`4be1${version}`),
    approval: digest(`5ac7${version}`),
    by: days % 2 ? 'tarek' : 'nadia',
    at: now - days * dayMs,
    state,
  };
}

export function endpoint(now: number): Endpoint {
  const start = Math.floor(now / minuteMs) * minuteMs - 59 * minuteMs;
  // A fixed wobble stands in for chance, so that every run draws the same chart.
  const wobble = (index: number): number => Math.sin(index * 1.7) + Math.sin(index * 0.61) * 0.7;
  return {
    name: 'film-recommend',
    state: 'serving',
    deployment: deployment(now, 13, 41, 'serving'),
    latency: { requests: 5_544_000, errors: 222, p50Ms: 6.1, p99Ms: 18.2, limitMs: 40 },
    storefronts: ['BR', 'DE', 'EG', 'FR', 'GB', 'ID', 'JP', 'US'],
    users: 1_881_204,
    items: 214_880,
    minutes: Array.from({ length: 60 }, (_, index) => ({
      at: start + index * minuteMs,
      requests: Math.round(60 * (1500 + 400 * Math.sin(index / 14) + 40 * wobble(index))),
      errors: index % 17 === 0 ? 3 : 0,
      p50Ms: 6 + 0.3 * wobble(index + 3),
      p99Ms: 18 + 1.4 * wobble(index),
    })),
    changes: [
      deployment(now, 13, 41, 'serving'),
      deployment(now, 12, 60, 'replaced'),
      deployment(now, 11, 88, 'replaced'),
      deployment(now, 10, 90, 'refused'),
    ],
    examples: ['7c2b', '41f0', 'a90d'].map((beginning) =>
      digest(beginning).slice('sha256:'.length),
    ),
  };
}

const titles: readonly (readonly [string, string])[] = [
  ['The Salt Meridian', 'drama'],
  ['Lantern District', 'mystery'],
  ['灯台の午後', 'drama'],
  ['Eleven Quiet Engines', 'thriller'],
  ['A Map of Low Tides', 'documentary'],
  ['Paper Comet', 'family'],
  ['Northbound, Softly', 'romance'],
  ['Harbour of Glass', 'crime'],
  ['The Understudy’s Winter', 'comedy'],
  ['Saffron Relay', 'sport'],
];

export function items(k: number): readonly Item[] {
  return titles.slice(0, k).map(([title, genre], index) => ({
    rank: index + 1,
    item: `film-${4100 + index * 37}`,
    score: 0.94 - index * 0.026,
    title,
    mediaKind: 'film',
    genres: [genre],
  }));
}
