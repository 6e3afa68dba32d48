import { gte, max, min, type RowOf, relation } from '@backlot/data';
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
import { storeAccounts, storeItems, storePlays } from './store-tables.ts';
import { timedPairs } from './timed-pairs.ts';

const purpose = 'train';

/** First plays of each account and item, split by time, with what is known of accounts and items. */
export const splitPlays = tasksWith<TaskServices>()({
  name: 'split',
  module: import.meta.url,
  inputs: { plays: snapshotArtifact, accounts: snapshotArtifact, items: snapshotArtifact },
  parameters: z.strictObject({
    holdoutShare: z.number().gt(0).lt(1).default(0.2),
    /** A play counts from this many milliseconds on. */
    leastMs: z.int().min(0).default(30_000),
  }),
  outputs: {
    train: interactionSetArtifact,
    test: interactionSetArtifact,
    facts: itemFactsArtifact,
  },
  run: async ({ inputs, parameters, context }) => {
    const { signal } = context;
    const engine = context.services.engine(context.scratch);
    const plays = await openInput(context, 'plays', inputs.plays);
    const accounts = await openInput(context, 'accounts', inputs.accounts);
    const items = await openInput(context, 'items', inputs.items);
    const firsts = relation(storePlays)
      .filter(({ msPlayed }) => gte(msPlayed, parameters.leastMs))
      .aggregate(['account', 'item'], ({ playedAt }) => ({ first: min(playedAt) }))
      .sort('account', 'item');
    const pairs = timedPairs(
      await engine.columns(firsts, {
        snapshots: [plays],
        purpose,
        encode: ['account', 'item'],
        signal,
      }),
      { user: 'account', item: 'item', time: 'first' },
    );
    const places = relation(storeAccounts)
      .aggregate(['account'], (row) => ({
        storefront: max(row.storefront),
        locale: max(row.locale),
      }))
      .sort('account');
    const known = await engine.rows(places, { snapshots: [accounts], purpose, signal });
    const catalogue = await engine.rows(
      relation(storeItems).select(['item', 'title', 'kind', 'genres', 'storefronts']).sort('item'),
      { snapshots: [items], purpose, signal },
    );
    const split = splitByTime(pairs, parameters.holdoutShare, (users) =>
      attributesOf(users, known),
    );
    context.metric('train pairs', split.train.matrix.indices.length);
    context.metric('test pairs', split.test.matrix.indices.length);
    context.metric('cold pairs', split.cold);
    return { train: split.train, test: split.test, facts: factsOf(catalogue) };
  },
});

type Known = Pick<RowOf<typeof storeAccounts>, 'account'> & {
  readonly storefront: string | null;
  readonly locale: string | null;
};

const unknown = 'unknown';

function attributesOf(
  users: readonly string[],
  known: readonly Known[],
): InteractionSet['attributes'] {
  const byAccount = new Map(known.map((row) => [row.account, row]));
  return {
    storefront: users.map((user) => byAccount.get(user)?.storefront ?? unknown),
    locale: users.map((user) => byAccount.get(user)?.locale ?? unknown),
  };
}

interface CatalogueRow {
  readonly item: string;
  readonly title: string;
  readonly kind: string;
  readonly genres: readonly string[];
  readonly storefronts: readonly string[];
}

function factsOf(rows: readonly CatalogueRow[]) {
  return Object.fromEntries(
    rows.map(({ item, title, kind, genres, storefronts }) => [
      item,
      { title, mediaKind: kind, genres: [...genres], storefronts: [...storefronts].sort() },
    ]),
  );
}
