import { gte, min, relation } from '@backlot/data';
import { tasksWith } from '@backlot/pipelines';
import {
  type InteractionSet,
  interactionSetArtifact,
  itemFactsArtifact,
  openInput,
  snapshotArtifact,
  splitByTime,
  type TaskServices,
} from '@backlot/tasks';
import * as z from 'zod';
import { filmRatings, films } from './film-tables.ts';
import { timedPairs } from './timed-pairs.ts';

const purpose = 'train';

/** Films that people rated well, split by time, with the genre and decade that each person met most. */
export const splitRatings = tasksWith<TaskServices>()({
  name: 'split',
  module: import.meta.url,
  inputs: { ratings: snapshotArtifact, films: snapshotArtifact },
  parameters: z.strictObject({
    holdoutShare: z.number().gt(0).lt(1).default(0.2),
    /** A rating of at least this counts as liked. */
    leastRating: z.int().min(0).max(10).default(7),
  }),
  outputs: {
    train: interactionSetArtifact,
    test: interactionSetArtifact,
    facts: itemFactsArtifact,
  },
  run: async ({ inputs, parameters, context }) => {
    const { signal } = context;
    const engine = context.services.engine(context.scratch);
    const ratings = await openInput(context, 'ratings', inputs.ratings);
    const catalogue = await openInput(context, 'films', inputs.films);
    const liked = relation(filmRatings)
      .filter(({ rating }) => gte(rating, parameters.leastRating))
      .aggregate(['account', 'film'], ({ ratedAt }) => ({ first: min(ratedAt) }))
      .sort('account', 'film');
    const pairs = timedPairs(
      await engine.columns(liked, {
        snapshots: [ratings],
        purpose,
        encode: ['account', 'film'],
        signal,
      }),
      { user: 'account', item: 'film', time: 'first' },
    );
    const rows = await engine.rows(relation(films).sort('film'), {
      ...{ snapshots: [catalogue], purpose, signal },
    });
    const split = splitByTime(pairs, parameters.holdoutShare);
    const attributes = attributesOf(split.train, rows);
    context.metric('train pairs', split.train.matrix.indices.length);
    context.metric('test pairs', split.test.matrix.indices.length);
    context.metric('cold pairs', split.cold);
    return {
      train: { ...split.train, attributes },
      test: { ...split.test, attributes },
      facts: Object.fromEntries(
        rows.map(({ film, title, year, genres }) => [
          film,
          {
            title: year === null ? title : `${title} (${year})`,
            ...{ mediaKind: 'film', genres: [...genres] },
          },
        ]),
      ),
    };
  },
});

interface FilmRow {
  readonly film: string;
  readonly year: number | null;
  readonly genres: readonly string[];
}

/** For each user the genre and the decade of most of their films, ties by name. */
function attributesOf(
  { users, items, matrix }: InteractionSet,
  rows: readonly FilmRow[],
): InteractionSet['attributes'] {
  const byFilm = new Map(rows.map((row) => [row.film, row]));
  const mostOf = (valuesOf: (row: FilmRow | undefined) => readonly string[]): string[] =>
    users.map((_, user) => {
      const counts = new Map<string, number>();
      for (const item of matrix.indices.subarray(matrix.offsets[user], matrix.offsets[user + 1])) {
        for (const value of valuesOf(byFilm.get(items[item]!))) {
          counts.set(value, (counts.get(value) ?? 0) + 1);
        }
      }
      const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
      return ranked[0]?.[0] ?? 'unknown';
    });
  return {
    genre: mostOf((row) => row?.genres ?? []),
    decade: mostOf((row) => (row?.year == null ? [] : [`${Math.floor(row.year / 10) * 10}s`])),
  };
}
