import type {
  Artifact,
  Attempt,
  Pipeline,
  Problem,
  Run,
  RunState,
  RunSummary,
  Task,
  TaskState,
} from '../api-types.ts';
import { digest, hourMs, minuteMs, runId, secondMs } from './fixture-basics.ts';

export const failedRun = runId('7f3a91c');
export const liveRun = runId('b81c02e');

const outOfMemory: Problem = {
  code: 'E-PIPE-021',
  reason: 'worker passed its memory limit of 2.00 GiB',
  place: 'evaluate/EG, attempt 3 of 3',
  mend: 'set evaluate.batch=128, then resume',
};

interface Sketch {
  readonly id: string;
  readonly after: readonly string[];
  /** Seconds from the run's start; the end is absent while it runs. */
  readonly from?: number;
  readonly to?: number;
  readonly state?: TaskState;
  readonly cached?: boolean;
  readonly out?: string;
}

const shards = ['EG', 'ID', 'US', 'JP', 'BR', 'DE', 'GB', 'FR'];
const ingests = ['1', '2', '3', '4', '5'].map((shard) => `ingest/${shard}`);

function sketches(live: boolean): readonly Sketch[] {
  const evaluations = shards.map((shard, index): Sketch => {
    const id = `evaluate/${shard}`;
    const after = ['popularity', 'item-knn', 'als-512'];
    if (shard === 'EG')
      return {
        id,
        after,
        from: 490,
        ...(live ? { state: 'running' } : { to: 1040, state: 'failed' }),
      };
    if (shard === 'ID' && live) return { id, after, from: 685, state: 'running' };
    return {
      id,
      after,
      from: shard === 'ID' ? 685 : 490,
      to: shard === 'ID' ? 830 : 600 + 23 * index,
      out: `e0${index}a11`,
    };
  });
  return [
    ...ingests.map((id): Sketch => ({ id, after: [], from: 0, to: 8, cached: true, out: '11aa' })),
    { id: 'snapshot', after: ingests, from: 8, to: 16, cached: true, out: '9c41e7' },
    { id: 'features', after: ['snapshot'], from: 16, to: 88, out: 'f3a7c1' },
    { id: 'split', after: ['snapshot'], from: 88, to: 92, out: 'd07b31' },
    { id: 'popularity', after: ['features', 'split'], from: 96, to: 98, out: '90b1d2' },
    { id: 'item-knn', after: ['features', 'split'], from: 96, to: 137, out: '417cc0' },
    { id: 'als-512', after: ['features', 'split'], from: 96, to: 480, out: '8c1f2e' },
    ...evaluations,
    {
      id: 'card',
      after: evaluations.map(({ id }) => id),
      state: live ? 'queued' : 'upstream_failed',
    },
    { id: 'approve', after: ['card'], state: live ? 'queued' : 'upstream_failed' },
  ];
}

function artifact(name: string, kind: string, beginning: string, bytes: number): Artifact {
  return { name, kind, digest: digest(beginning), bytes };
}

/** Attempts of the shard that ran out of memory, else one attempt. */
function attemptsOf(sketch: Sketch, start: number, live: boolean): readonly Attempt[] {
  const at = (seconds: number): number => start + seconds * secondMs;
  if (sketch.from === undefined || sketch.cached) return [];
  if (sketch.id !== 'evaluate/EG') {
    return [
      {
        attempt: 1,
        state: sketch.to === undefined ? 'running' : 'succeeded',
        startedAt: at(sketch.from),
        ...(sketch.to !== undefined && { endedAt: at(sketch.to) }),
        peakMemory: 900 * 1024 ** 2,
      },
    ];
  }
  const failed = (attempt: number, from: number, to: number): Attempt => ({
    attempt,
    state: 'failed',
    startedAt: at(from),
    endedAt: at(to),
    peakMemory: 2079 * 1024 ** 2,
    error: outOfMemory,
  });
  return live
    ? [
        failed(1, 490, 630),
        { attempt: 2, state: 'running', startedAt: at(675), peakMemory: 1045 * 1024 ** 2 },
      ]
    : [failed(1, 490, 630), failed(2, 675, 820), failed(3, 890, 1040)];
}

function taskOf(sketch: Sketch, start: number, live: boolean): Task {
  const attempts = attemptsOf(sketch, start, live);
  const state = sketch.state ?? 'succeeded';
  const evaluates = sketch.id.startsWith('evaluate/');
  return {
    id: sketch.id,
    task: sketch.id.split('/')[0]!,
    state,
    upstream: sketch.after,
    attempt: Math.max(attempts.length, 1),
    attempts,
    ...(sketch.from !== undefined && { startedAt: start + sketch.from * secondMs }),
    ...(sketch.to !== undefined && { endedAt: start + sketch.to * secondMs }),
    ...(state === 'running' && {
      progress: {
        ...{ done: 740, total: 1000, unit: 'resamples', rate: 7.4, loss: 0.412 },
        losses: [1, 2, 3, 4, 5, 6].map((at) => ({ done: 120 * at, loss: 0.4 + 0.3 / at })),
      },
    }),
    ...(sketch.from !== undefined && {
      cache: sketch.cached
        ? { hit: true, reason: 'hit: same inputs and code' }
        : { hit: false, reason: 'miss: input als-512 is new' },
    }),
    parameters: evaluates ? { k: 20, resamples: 1000, storefront: sketch.id.split('/')[1]! } : {},
    inputs: evaluates
      ? [
          artifact('als-512', 'model', '8c1f2e', 420 * 1024 ** 2),
          artifact('test', 'rows', 'd07b31', 31 * 1024 ** 2),
        ]
      : [],
    outputs:
      sketch.out && state === 'succeeded'
        ? [artifact(sketch.id.split('/')[0]!, 'rows', sketch.out, 31 * 1024 ** 2)]
        : [],
    ...(evaluates &&
      state === 'succeeded' && { metrics: { 'ndcg@20': 0.0941, 'recall@20': 0.1482 } }),
  };
}

/** The story's run: failed half an hour ago, or still going on. */
export function run(now: number, live: boolean): Run {
  const start = live ? now - 14 * minuteMs : now - 38 * minuteMs - 1040 * secondMs;
  const taskViews = sketches(live).map((sketch) => taskOf(sketch, start, live));
  const done = taskViews.filter(({ state }) => state === 'succeeded').length;
  const id = live ? liveRun : failedRun;
  return {
    id,
    pipeline: 'daily-recommend',
    plan: digest('e90d2a'),
    state: live ? 'running' : 'failed',
    by: 'scheduler',
    createdAt: start,
    startedAt: start,
    ...(!live && {
      endedAt: start + 1040 * secondMs,
      error: outOfMemory,
      resume: `backlot run resume ${id.slice(0, 7)} --set evaluate.batch=128`,
    }),
    tasks: taskViews.length,
    done,
    parameters: { holdoutDays: 7 },
    taskViews,
  };
}

/** The live run with one more shard done, as the next event tells it. */
export function advanced(before: Run, now: number): Run {
  const taskViews = before.taskViews.map((task): Task => {
    if (task.id !== 'evaluate/ID') return task;
    const { progress: _, ...rest } = task;
    return { ...rest, state: 'succeeded', endedAt: now };
  });
  return { ...before, taskViews, done: before.done + 1 };
}

export function summaryOf({
  taskViews: _,
  parameters: __,
  resume: ___,
  ...summary
}: Run): RunSummary {
  return summary;
}

const names = [
  'daily-recommend',
  'deliveries-film',
  'play-counts',
  'podcast-embed',
  'song-radio-train',
  'trial-scorecards',
  'search-spelling',
  'retention-sweep',
  'book-next-in-order',
] as const;

/** Starts as hours before now, lengths in minutes, and how each run ended. */
const day: Readonly<
  Record<(typeof names)[number], readonly (readonly [number, number, RunState])[]>
> = {
  'daily-recommend': [
    [18, 56, 'succeeded'],
    [0.92, 17, 'failed'],
    [0.23, 0, 'running'],
  ],
  'deliveries-film': [22, 16, 10, 4].map((at) => [at, 20, 'succeeded'] as const),
  'play-counts': [21.5, 17.5, 13.5, 9.5, 5.5].map((at) => [at, 26, 'succeeded'] as const),
  'podcast-embed': [[13, 190, 'succeeded']],
  'song-radio-train': [[3.4, 0, 'running']],
  'trial-scorecards': [21, 15, 9, 3, 0.4].map((at) => [at, 22, 'succeeded'] as const),
  'search-spelling': [
    [17.4, 70, 'succeeded'],
    [5.6, 66, 'succeeded'],
  ],
  'retention-sweep': [[8, 34, 'cancelled']],
  'book-next-in-order': [
    [6.4, 22, 'failed'],
    [5.9, 44, 'succeeded'],
  ],
};

export function activity(now: number) {
  return names.map((pipeline) => ({
    pipeline,
    runs: day[pipeline].map(([hours, minutes, state], index) => ({
      run: runId(`${pipeline.length}${index}c${pipeline.charCodeAt(0)}`),
      state,
      startedAt: Math.round(now - hours * hourMs),
      ...(minutes > 0 && { endedAt: Math.round(now - hours * hourMs + minutes * minuteMs) }),
    })),
  }));
}

export function runs(now: number): readonly RunSummary[] {
  const told = [run(now, true), run(now, false)].map(summaryOf);
  const others = activity(now).flatMap(({ pipeline, runs: found }) =>
    found.map(
      (each): RunSummary => ({
        id: each.run,
        pipeline,
        plan: digest('ab12cd'),
        state: each.state,
        by: 'scheduler',
        createdAt: each.startedAt,
        startedAt: each.startedAt,
        ...('endedAt' in each && each.endedAt !== undefined && { endedAt: each.endedAt }),
        tasks: 6,
        done: each.state === 'succeeded' ? 6 : 3,
      }),
    ),
  );
  return [...told, ...others.filter(({ pipeline }) => pipeline !== 'daily-recommend')].toSorted(
    (one, two) => two.createdAt - one.createdAt,
  );
}

export function pipelines(now: number): readonly Pipeline[] {
  const all = runs(now);
  return names.map((name) => {
    const lastRun = all.find(({ pipeline }) => pipeline === name);
    return {
      name,
      plan: digest(name === 'daily-recommend' ? 'e90d2a' : 'ab12cd'),
      tasks: (name === 'daily-recommend' ? sketches(true) : sketches(true).slice(5, 11)).map(
        ({ id, after }) => ({
          id,
          task: id.split('/')[0]!,
          upstream: name === 'daily-recommend' || id !== 'snapshot' ? after : [],
        }),
      ),
      ...(lastRun && { lastRun }),
    };
  });
}

const lines: readonly (readonly [number, string])[] = [
  [0, 'attempt 3 of 3 started on worker 4'],
  [1, 'read als-512@8c1f2e, 420 MiB'],
  [6, 'ranking 2,311 accounts against 214,880 items'],
  [28, 'ranked   600 accounts, 26/s, rss 1.1 GiB'],
  [49, 'ranked 1,150 accounts, 26/s, rss 1.5 GiB'],
  [74, 'ranked 1,800 accounts, 26/s, rss 1.8 GiB'],
  [87, 'warning: rss 1.94 GiB, 97% of limit'],
  [148, 'E-PIPE-021 worker passed its memory limit of 2.00 GiB, peak 2.03 GiB'],
  [148, 'mend: set evaluate.batch=128, then resume'],
  [148, '7 sibling shards kept, downstream not started'],
];

/** What a task's worker said, as text with an instant before each line. */
export function taskLog(started: number, attempt: number): string {
  return lines
    .filter(([, text]) => attempt === 3 || !text.includes('E-PIPE'))
    .map(
      ([at, text]) =>
        `${new Date(started + at * secondMs).toISOString()} ${text.replace('attempt 3', `attempt ${attempt}`)}\n`,
    )
    .join('');
}
