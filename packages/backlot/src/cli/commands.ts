import type { Command } from './command.ts';

/** Every verb of the command line. */
export const commands: readonly Command[] = [
  {
    name: 'start',
    summary: 'run the main job on this project, then serve the console and the API',
    options: [
      { flags: '--data <folder>', summary: 'real ratings to use instead of the simulated store' },
      {
        flags: '--exit',
        summary: 'ask the new endpoint a few questions, print the result and end',
      },
      { flags: '--port <number>', summary: 'the port to begin looking at', default: '7400' },
      { flags: '--seed <number>', summary: 'the seed of all that is drawn', default: '7' },
      { flags: '--open', summary: 'open the console in a browser' },
    ],
    example: 'backlot start --data ../shared/data/movietweetings-100k --exit',
    load: () => import('../commands/start.ts'),
  },
  {
    name: 'serve',
    summary: 'serve the console, the API and the endpoints, without running anything first',
    options: [
      { flags: '--port <number>', summary: 'the port to begin looking at', default: '7400' },
      { flags: '--open', summary: 'open the console in a browser' },
    ],
    example: 'backlot serve --port 7500',
    load: () => import('../commands/serve.ts'),
  },
  {
    name: 'dev',
    summary: 'serve, and run what a changed definition needs',
    options: [
      { flags: '--port <number>', summary: 'the port to begin looking at', default: '7400' },
    ],
    example: 'backlot dev',
    load: () => import('../commands/dev.ts'),
  },
  {
    name: 'init',
    summary: 'make a project that you can grow',
    arguments: [{ name: 'folder', summary: 'where; it must be new or empty' }],
    example: 'backlot init shop',
    load: () => import('../commands/init.ts'),
  },
  {
    name: 'deliver',
    summary: 'hand in a file of rows; good rows become a snapshot, bad ones go to quarantine',
    arguments: [
      { name: 'table', summary: 'the table whose contract the rows must keep' },
      { name: 'file', summary: 'CSV, JSON Lines or Parquet, gzipped or not' },
    ],
    options: [
      {
        flags: '--mode <mode>',
        summary: 'add the rows, or put them in place of all',
        choices: ['append', 'replace'],
        default: 'append',
      },
      { flags: '--provider <name>', summary: 'who delivers', default: 'local' },
    ],
    example: 'backlot deliver plays plays.csv',
    load: () => import('../commands/deliver.ts'),
  },
  {
    name: 'data export',
    summary: 'write contracts as one document of the Open Data Contract Standard (ODCS 3.1)',
    arguments: [
      { name: 'table', summary: 'one table; without it all that are defined', optional: true },
    ],
    example: 'backlot data export plays',
    load: () => import('../commands/data-export.ts'),
  },
  {
    name: 'features ls',
    summary: 'list the feature views of the project, and how fresh they are',
    example: 'backlot features ls',
    load: () => import('../commands/features-ls.ts'),
  },
  {
    name: 'features show',
    summary: 'show what a feature view is made of',
    arguments: [{ name: 'view', summary: 'its name' }],
    example: 'backlot features show listening',
    load: () => import('../commands/features-show.ts'),
  },
  {
    name: 'features build',
    summary: 'bring what is served up to the current snapshots',
    arguments: [{ name: 'view', summary: 'its name' }],
    options: [
      { flags: '--whole', summary: 'from the first event on, not only from the last build on' },
    ],
    example: 'backlot features build listening',
    load: () => import('../commands/features-build.ts'),
  },
  {
    name: 'features serve',
    summary: 'show the values that are served for one key',
    arguments: [
      { name: 'view', summary: 'its name' },
      { name: 'key', summary: 'of its entity, such as an account' },
    ],
    options: [{ flags: '--account', summary: 'the key is an account as the provider names it' }],
    example: 'backlot features serve listening a17',
    load: () => import('../commands/features-serve.ts'),
  },
  {
    name: 'features freshness',
    summary: 'show how fresh what is served is; without a name of all views',
    arguments: [{ name: 'view', summary: 'its name', optional: true }],
    example: 'backlot features freshness listening',
    load: () => import('../commands/features-freshness.ts'),
  },
  {
    name: 'run',
    summary: 'run a pipeline and watch it',
    arguments: [
      { name: 'pipeline', summary: 'its name; without one, all are listed', optional: true },
    ],
    options: [
      { flags: '--set <parameters>', summary: 'parameters as a JSON object' },
      { flags: '--resume <run>', summary: 'go on from the tasks of a run that failed' },
      { flags: '--cancel <run>', summary: 'end a run' },
    ],
    example: `backlot run recommend --set '{"factors":32}'`,
    load: () => import('../commands/run.ts'),
  },
  {
    name: 'runs',
    summary: 'list runs, or show one with its tasks',
    arguments: [{ name: 'run', summary: 'the beginning of its id', optional: true }],
    options: [{ flags: '--log <task>', summary: 'the log of one of its tasks' }],
    example: 'backlot runs',
    load: () => import('../commands/runs.ts'),
  },
  {
    name: 'pipeline ls',
    summary: 'list pipelines with their last run and when they run next',
    example: 'backlot pipeline ls',
    load: () => import('../commands/pipeline-ls.ts'),
  },
  {
    name: 'pipeline graph',
    summary: 'the tasks of a pipeline, each with what it waits for',
    arguments: [{ name: 'pipeline', summary: 'its name' }],
    example: 'backlot pipeline graph recommend',
    load: () => import('../commands/pipeline-graph.ts'),
  },
  {
    name: 'pipeline backfill',
    summary: 'run a scheduled pipeline for times that have passed',
    arguments: [{ name: 'pipeline', summary: 'its name', optional: true }],
    options: [
      { flags: '--from <moment>', summary: 'the first day or moment, UTC' },
      { flags: '--until <moment>', summary: 'the day or moment after the last, UTC' },
      { flags: '--dry-run', summary: 'only say which runs would start' },
      { flags: '--again', summary: 'also for times that have a run' },
      { flags: '--show <backfill>', summary: 'where the runs of a backfill stand' },
      { flags: '--cancel <backfill>', summary: 'cancel what has not ended' },
    ],
    example: 'backlot pipeline backfill recommend --from 2026-01-01 --until 2026-02-01 --dry-run',
    load: () => import('../commands/pipeline-backfill.ts'),
  },
  {
    name: 'models',
    summary: 'list models, or show the versions or the card of one',
    arguments: [
      { name: 'model', summary: 'its name', optional: true },
      { name: 'version', summary: 'a number', optional: true },
    ],
    example: 'backlot models als-store 1',
    load: () => import('../commands/models.ts'),
  },
  {
    name: 'approve',
    summary: 'sign and approve a proposed version, or refuse it',
    arguments: [
      { name: 'model', summary: 'its name' },
      { name: 'version', summary: 'a number' },
    ],
    options: [
      { flags: '--reason <text>', summary: 'why; kept in the ledger' },
      { flags: '--refuse', summary: 'refuse instead' },
      { flags: '--deploy <endpoint>', summary: 'serve it at this endpoint once approved' },
    ],
    example: 'backlot approve als-store 2 --reason "better in every slice"',
    load: () => import('../commands/approve.ts'),
  },
  {
    name: 'recommend',
    summary: 'ask an endpoint what an account would like',
    arguments: [
      { name: 'endpoint', summary: 'its name' },
      { name: 'account', summary: 'the account as the provider names it' },
    ],
    options: [
      { flags: '--k <number>', summary: 'how many items', default: '10' },
      { flags: '--storefront <code>', summary: 'only what is sold there' },
      { flags: '--include-seen', summary: 'do not leave out what the account has played' },
    ],
    example: 'backlot recommend store-home a00000017 --k 5',
    load: () => import('../commands/recommend.ts'),
  },
  {
    name: 'explain estimator',
    summary:
      'what an estimator is for, what it takes, and each of its parameters; without a name all',
    arguments: [{ name: 'name', summary: 'such as logisticRegression', optional: true }],
    options: [{ flags: '--markdown', summary: 'write the pages as Markdown; without a name all' }],
    example: 'backlot explain estimator logisticRegression',
    load: () => import('../commands/explain-estimator.ts'),
  },
  {
    name: 'audit verify',
    summary: 'recompute the ledger and name the first bad entry',
    example: 'backlot audit verify',
    load: () => import('../commands/audit-verify.ts'),
  },
  {
    name: 'backup',
    summary: 'write a consistent copy of the state folder, and print where',
    arguments: [
      {
        name: 'folder',
        summary: 'where to; it must be absent (default: beside it)',
        optional: true,
      },
    ],
    example: 'backlot backup ../backup-monday',
    load: () => import('../commands/backup.ts'),
  },
  {
    name: 'restore',
    summary: 'put a verified backup in place of an absent state folder',
    arguments: [{ name: 'folder', summary: 'a folder that backup wrote' }],
    options: [{ flags: '--replace', summary: 'move a state folder that stands there aside first' }],
    example: 'backlot restore ../backup-monday',
    load: () => import('../commands/restore.ts'),
  },
  {
    name: 'gc',
    summary: 'remove the objects that nothing refers to',
    options: [{ flags: '--dry-run', summary: 'only count them' }],
    example: 'backlot gc --dry-run',
    load: () => import('../commands/gc.ts'),
  },
  {
    name: 'doctor',
    summary: 'check this machine and this state folder',
    example: 'backlot doctor',
    load: () => import('../commands/doctor.ts'),
  },
  {
    name: 'task run',
    summary: 'run one task as a worker process',
    arguments: [{ name: 'reference', summary: 'workspace/pipeline@plan/task' }],
    example: 'backlot task run main/recommend@sha256:.../split',
    hidden: true,
    load: () => import('../commands/task-run.ts'),
  },
];
