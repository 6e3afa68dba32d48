import type { Manifest } from '@backlot/data';
import {
  type ImplicitALS,
  implicitALS,
  itemKnn,
  popularity,
  type RecommenderModel,
  type Specification,
} from '@backlot/learn';
import { type Handle, type Pipeline, pipeline, type RunTask, source } from '@backlot/pipelines';
import {
  deliver,
  deliveredFile,
  evaluateRecommenders,
  fitRecommender,
  type InteractionSet,
  type ItemFactsByKey,
  proposeRecommender,
  snapshotArtifact,
} from '@backlot/tasks';
import * as z from 'zod';
import { readMovieTweetings } from './read-movietweetings.ts';
import { simulateStoreFiles } from './simulate-store.ts';
import { splitPlays } from './split-plays.ts';
import { splitRatings } from './split-ratings.ts';

const size = z.strictObject({
  accounts: z.int().min(100).default(6_000),
  items: z.int().min(100).default(3_000),
  days: z.int().min(14).default(120),
  events: z.int().min(1_000).default(400_000),
  factors: z.int().min(1).max(2_048).default(64),
});

/** Storefronts of the simulated store: large and small, of many scripts and currencies. */
const simulatedStorefronts = [
  'US',
  'JP',
  'BR',
  'DE',
  'GB',
  'FR',
  'IN',
  'KR',
  'MX',
  'EG',
  'IL',
  'ID',
];

/** From a simulated store's deliveries to a proposed recommender. */
export const storeRecommend: Pipeline<typeof size> = pipeline(
  'store-recommend',
  { parameters: size, seed: 7 },
  (run, { factors, ...store }) => {
    const files = run(simulateStoreFiles, { ...store, storefronts: simulatedStorefronts });
    const items = deliverJson(run, 'items', files.items);
    const accounts = deliverJson(run, 'accounts', files.accounts);
    const plays = deliverJson(run, 'plays', files.plays);
    const parts = run(splitPlays, { plays, accounts, items });
    return compareAndPropose(run, parts, {
      ...{ events: plays, catalogue: items, factors },
      slices: ['storefront', 'locale', 'activity'],
      als: { alpha: 10, regularisation: 20 },
      proposal: {
        ...{ name: 'als-store', endpoint: 'store-home' },
        intendedUse: 'Choosing what to show an account on the home page of the store.',
        notFor: ['Prices', 'Anything that decides about a person'],
        licence: 'Simulated data, no licence needed',
        limitations: ['Items that nobody has met are not recommended', 'Learned from a simulation'],
      },
    });
  },
);

const filmParameters = z.strictObject({ factors: z.int().min(1).max(2_048).default(64) });

/** From MovieTweetings' files to a proposed recommender of films. */
export const filmRecommend: Pipeline<typeof filmParameters> = pipeline(
  'film-recommend',
  { parameters: filmParameters, seed: 7 },
  (run, { factors }) => {
    const files = run(readMovieTweetings, {
      movies: source(deliveredFile, 'file.movies'),
      ratings: source(deliveredFile, 'file.ratings'),
    });
    const films = deliverJson(run, 'films', files.films);
    const ratings = deliverJson(run, 'ratings', files.ratings);
    const parts = run(splitRatings, { ratings, films });
    return compareAndPropose(run, parts, {
      ...{ events: ratings, catalogue: films, factors },
      slices: ['genre', 'activity', 'decade', 'storefront'],
      als: { alpha: 10, regularisation: 0.1, frequencyScaling: 1 },
      proposal: {
        ...{ name: 'als-film', endpoint: 'film-home' },
        intendedUse: 'Choosing films to show an account.',
        notFor: ['Anything that decides about a person'],
        licence: 'MovieTweetings, MIT',
        limitations: [
          'Items that nobody has met are not recommended',
          'Half a year of ratings; most accounts have few',
          'The hyper-parameters were chosen on this very split, so its figures are somewhat too good',
        ],
      },
    });
  },
);

const deliverParameters = z.strictObject({
  table: z.string(),
  format: z.enum(['csv', 'jsonl', 'parquet']),
  compression: z.enum(['none', 'gzip']).default('none'),
  mode: z.enum(['append', 'replace']).default('append'),
  provider: z.string().default('local'),
});

/** One delivered file, checked and published: what `backlot deliver` runs. */
export const deliverFile: Pipeline<typeof deliverParameters> = pipeline(
  'deliver',
  { parameters: deliverParameters },
  (run, parameters) =>
    run(deliver, {
      ...{ file: source(deliveredFile, 'file.delivery'), ...parameters },
      previous: source(snapshotArtifact, `table.${parameters.table}`),
    }),
);

function deliverJson(run: RunTask, table: string, file: Handle<string>) {
  const wiring = { file, table, format: 'jsonl', mode: 'replace', provider: 'reference' } as const;
  const previous = source(snapshotArtifact, `table.${table}`);
  return run(deliver, { ...wiring, previous }, { name: `deliver-${table}` }).snapshot;
}

interface Parts {
  readonly train: Handle<InteractionSet>;
  readonly test: Handle<InteractionSet>;
  readonly facts: Handle<ItemFactsByKey>;
}

interface Comparison {
  readonly events: Handle<Manifest | null>;
  readonly catalogue: Handle<Manifest | null>;
  readonly factors: number;
  readonly als: Partial<ImplicitALS['parameters']>;
  readonly slices: readonly string[];
  readonly proposal: {
    readonly name: string;
    readonly endpoint: string;
    readonly intendedUse: string;
    readonly notFor: string[];
    readonly licence: string;
    readonly limitations: string[];
  };
}

/** Fits popularity, item neighbours and factorisation, compares them, proposes the factorisation. */
function compareAndPropose(run: RunTask, { train, test, facts }: Parts, comparison: Comparison) {
  const { events, catalogue, factors, als, slices, proposal } = comparison;
  const fitted = (name: string, { kind, parameters }: Specification): Handle<RecommenderModel> =>
    run(fitRecommender, { on: train, estimator: { kind, parameters: { ...parameters } } }, { name })
      .model;
  const floor = fitted('fit-popularity', popularity());
  const neighbours = fitted('fit-item-knn', itemKnn());
  const model = fitted('fit-als', implicitALS({ factors, ...als }));
  const { evaluation } = run(evaluateRecommenders, {
    ...{ train, test, candidate: model, neighbours, floor },
    slices: [...slices],
  });
  return run(proposeRecommender, {
    ...{ model, train, test, facts, evaluation, events, catalogue },
    ...proposal,
  });
}
