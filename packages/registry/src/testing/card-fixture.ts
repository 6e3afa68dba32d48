import type { CardFacts } from '../model-card.ts';
import { digestNamed } from './registry-fixture.ts';

/** Facts of a small film recommender. */
export function cardFacts(changes: Partial<CardFacts> = {}): CardFacts {
  return {
    ...{ model: 'als-film', task: 'recommend', estimator: 'implicit-als', bytes: 4_096 },
    digest: digestNamed('model'),
    code: digestNamed('code'),
    parameters: { factors: 64 },
    data: [
      {
        ...{ table: 'plays', snapshot: digestNamed('plays'), rows: 1_000, accounts: 90 },
        purposes: ['recommend', 'measure'],
        retentionDays: 400,
        personal: [
          {
            column: 'account',
            sensitivity: 'subject',
            treatment: 'pseudonymised with a keyed hash',
          },
        ],
        licence: 'CC-BY-4.0',
      },
    ],
    intendedUse: 'Ranks films for an account of a storefront.',
    notFor: ['deciding what a person may buy'],
    licence: 'Apache-2.0',
    evaluation: {
      digest: digestNamed('evaluation'),
      protocol: 'Full ranking, split by time, items of training left out.',
      metrics: [
        { name: 'ndcg@20', value: 0.12, low: 0.11, high: 0.13, level: 0.95, accounts: 90 },
        { name: 'recall@20', value: 0.2, low: 0.18, high: 0.22, level: 0.95, accounts: 90 },
      ],
      slices: [
        {
          ...{ dimension: 'activity', value: 'low' },
          metrics: [
            { name: 'ndcg@20', value: 0.1, low: 0.07, high: 0.13, level: 0.95, accounts: 30 },
          ],
        },
      ],
      absentSlices: [{ dimension: 'storefront', reason: 'the ratings carry no storefront' }],
    },
    baseline: { name: 'popularity', metrics: [{ name: 'ndcg@20', value: 0.05, accounts: 90 }] },
    latency: { p50Ms: 1.5, p99Ms: 4, measured: '1,000 accounts, one thread' },
    privacy: { unit: 'one account', differentiallyPrivate: false },
    limitations: ['Accounts without history get what is popular.'],
    ...changes,
  };
}
