import { isName } from '@backlot/core';

/**
 * The files of a new project, by path: a table, a pipeline of two tasks, rows to deliver and a test.
 *
 * @param name the folder's name; what is no name of ours becomes `shop`
 * @param checkoutPath where Backlot's checkout lies, seen from the project
 */
export function projectFiles(name: string, checkoutPath: string): Readonly<Record<string, string>> {
  const project = isName(name) ? name : 'shop';
  return {
    'package.json': `${JSON.stringify(manifest(project, checkoutPath), null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(compilerOptions, null, 2)}\n`,
    '.gitignore': 'node_modules/\n.backlot*/\n',
    'backlot.config.ts': configuration(project),
    'plays.ts': playsTable,
    'popular.ts': popularPipeline,
    'popular.test.ts': popularTest,
    'data/plays.csv': playsRows,
    'README.md': readme(project),
  };
}

/** The checkout's root is the package: its exports and its `backlot` command are the project's. */
function manifest(name: string, checkoutPath: string): object {
  return {
    ...{ name, version: '0.1.0', private: true, type: 'module' },
    scripts: {
      start: 'backlot serve',
      deliver: 'backlot deliver plays data/plays.csv',
      test: 'node --test *.test.ts',
      types: 'tsc',
    },
    dependencies: { backlot: `file:${checkoutPath}` },
  };
}

const compilerOptions = {
  compilerOptions: {
    ...{ target: 'es2024', module: 'nodenext', lib: ['es2025', 'esnext'], types: ['node'] },
    ...{ noEmit: true, allowImportingTsExtensions: true, erasableSyntaxOnly: true },
    ...{ strict: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true },
    ...{ skipLibCheck: true },
  },
  include: ['*.ts'],
};

function configuration(name: string): string {
  return `import { defineConfig } from 'backlot';
import { plays } from './plays.ts';
import { popular } from './popular.ts';

// What this project consists of. A new table or pipeline is listed here.
export default defineConfig({
  name: '${name}',
  title: '${name}',
  tables: [plays],
  pipelines: [popular],
});
`;
}

const playsTable = `import { int, key, subject, table, text, timestamp } from 'backlot';

// The contract of a table: rows that break it go to quarantine, with the rule and a mend.
// Change: the columns, to those that your provider delivers.
export const plays = table(
  'plays',
  {
    // Whoever the row is about. It becomes a pseudonym before anything is stored.
    account: subject(),
    item: key('item'),
    playedAt: timestamp().sensitive('personal'),
    msPlayed: int().min(0).sensitive('personal'),
    storefront: text().maxLength(2),
  },
  {
    // Change: what the rows may be used for. A read for any other purpose is refused.
    purposes: ['recommend', 'measure', 'train'],
    retentionDays: 400,
    // Change: a delivery with a greater share of bad rows is refused whole; 0.05 is usual. The
    // twelve sample rows hold two bad ones, so that you see what becomes of them.
    maxBadShare: 0.25,
  },
);
`;

const popularPipeline = `import {
  count,
  gte,
  jsonArtifact,
  openInput,
  pipeline,
  relation,
  snapshotArtifact,
  source,
  sum,
  type TaskServices,
  task,
  tasksWith,
  z,
} from 'backlot';
import { plays } from './plays.ts';

/** How often an item was played, and for how long. */
const itemPlay = z.strictObject({ item: z.string(), plays: z.int(), ms: z.int() });
export type ItemPlays = z.output<typeof itemPlay>;

/** What the tasks hand over: a schema is what may be stored. */
export const itemPlays = jsonArtifact('item-plays', z.array(itemPlay));

/** The first task reads the table: one row for each item. */
export const countPlays = tasksWith<TaskServices>()({
  name: 'count-plays',
  module: import.meta.url,
  inputs: { plays: snapshotArtifact },
  // Change: how long a play has to last to count, by default or for one run with --set.
  parameters: z.strictObject({ leastMs: z.int().min(0).default(30_000) }),
  outputs: { counts: itemPlays },
  run: async ({ inputs, parameters, context }) => {
    const snapshot = await openInput(context, 'plays', inputs.plays);
    const perItem = relation(plays)
      .filter(({ msPlayed }) => gte(msPlayed, parameters.leastMs))
      .aggregate(['item'], ({ msPlayed }) => ({ plays: count(), ms: sum(msPlayed) }))
      .sort('item');
    const rows = await context.services
      .engine(context.scratch)
      .rows(perItem, { snapshots: [snapshot], purpose: 'train', signal: context.signal });
    return {
      counts: rows.map(({ item, plays, ms }) => ({ item, plays: Number(plays), ms: Number(ms) })),
    };
  },
});

/** The items that were played most, first those with more plays, then those with more time. */
export function mostPlayed(counts: readonly ItemPlays[], most: number): ItemPlays[] {
  return counts.toSorted((a, b) => b.plays - a.plays || b.ms - a.ms).slice(0, most);
}

/** The second task works on values alone, so its function is tested without any of Backlot. */
export const rankItems = task({
  name: 'rank-items',
  module: import.meta.url,
  inputs: { counts: itemPlays },
  parameters: z.strictObject({ most: z.int().min(1).default(5) }),
  outputs: { ranked: itemPlays },
  run: async ({ inputs, parameters, context }) => {
    const counts = await inputs.counts.read();
    context.metric('items', counts.length);
    return { ranked: mostPlayed(counts, parameters.most) };
  },
});

// Change: add tasks, and what they wait for follows from what they take.
export const popular = pipeline('popular', { seed: 7 }, (run) => {
  const { counts } = run(countPlays, { plays: source(snapshotArtifact, 'table.plays') });
  const { ranked } = run(rankItems, { counts });
  return { ranked };
});
`;

const popularTest = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostPlayed } from './popular.ts';

test('more plays come first, and among equals more time', () => {
  const counts = [
    { item: 'a', plays: 1, ms: 90_000 },
    { item: 'b', plays: 2, ms: 70_000 },
    { item: 'c', plays: 1, ms: 95_000 },
  ];
  assert.deepEqual(
    mostPlayed(counts, 2).map(({ item }) => item),
    ['b', 'c'],
  );
});
`;

/** Two rows are bad on purpose: a moment that is none, and a play of less than no time. */
const playsRows = `account,item,playedAt,msPlayed,storefront
ada,lantern-hour,2026-01-05T19:02:11Z,214000,DE
ada,paper-rivers,2026-01-05T19:07:40Z,187000,DE
ben,lantern-hour,2026-01-05T20:15:03Z,214000,BR
ben,seven-doors,2026-01-05T20:44:59Z,2640000,BR
chi,paper-rivers,2026-01-06T06:31:20Z,93000,JP
chi,tin-orchestra,yesterday evening,201000,JP
dov,lantern-hour,2026-01-06T07:12:00Z,12000,IL
dov,tin-orchestra,2026-01-06T07:13:02Z,201000,IL
eli,seven-doors,2026-01-06T21:00:45Z,-5,US
eli,lantern-hour,2026-01-06T21:50:10Z,205000,US
fay,paper-rivers,2026-01-07T08:05:33Z,187000,GB
fay,salt-and-signal,2026-01-07T08:09:12Z,1320000,GB
`;

function readme(name: string): string {
  return `# ${name}

A table (\`plays.ts\`), a pipeline of two tasks over it (\`popular.ts\`), and both listed in
\`backlot.config.ts\`. It needs Node.js 26 or newer.

\`\`\`sh
npm install
npx backlot deliver plays data/plays.csv   # two of the rows are bad on purpose
npx backlot run popular                    # counts the plays, ranks the items
npx backlot run popular --set '{}'         # the same again: every task is cached
npm start                                  # the console
\`\`\`

\`npm test\` runs the test. All state is in \`.backlot/\`; what went wrong and why is explained in
\`docs/errors.md\` of Backlot.
`;
}
