import type { Home, ProjectCard } from '../api-types.ts';
import { dayMs, hourMs, minuteMs } from './fixture-basics.ts';
import { activity, failedRun } from './fixture-runs.ts';

function projects(): readonly ProjectCard[] {
  const card = (
    title: string,
    mediaKind: string,
    stage: ProjectCard['stage'],
    state: string,
    note: string,
  ): ProjectCard => ({
    name: title.toLowerCase().replaceAll(' ', '-'),
    title,
    mediaKind,
    stage,
    state,
    note,
  });
  return [
    card('Series reading order', 'book', 'proposal', 'idle', 'New from Yui, 2 d'),
    card('Chapter search', 'podcast', 'proposal', 'idle', 'Draft'),
    card('Sports highlights', 'series', 'proposal', 'warn', 'Needs a data owner'),
    card('Radio cold start', 'song', 'design', 'idle', 'Power plan due Fri'),
    card('Review language', 'app', 'design', 'ok', 'Privacy price agreed'),
    card('Song radio v3', 'song', 'building', 'run', 'Training, 62%'),
    card('Episode skip intent', 'episode', 'building', 'ok', 'Features fresh'),
    card('Trailer embeddings', 'film', 'building', 'fail', 'Failed check, 1 d'),
    card('Price memory', 'app', 'building', 'ok', 'In tests'),
    card('Film recommend', 'film', 'review', 'wait', '1 approval missing'),
    card('Price elasticity BR', 'app', 'review', 'wait', 'Design changed'),
    card('Episode row order', 'episode', 'trial', 'run', 'Day 9 of 21'),
    card('Search spelling EG', 'app', 'trial', 'run', 'Day 5 of 28'),
    card('Film home row', 'film', 'trial', 'ok', 'Day 16, decided'),
    card('Podcast recommend', 'podcast', 'launched', 'ok', 'p99 18 ms, steady'),
    card('Book recommend', 'book', 'launched', 'warn', 'Drift in JP'),
    card('Daily mix', 'song', 'launched', 'ok', 'p99 22 ms, steady'),
    card('App charts', 'app', 'launched', 'ok', 'steady'),
  ];
}

export function home(now: number, reviewed: boolean): Home {
  const review: Home['needs'] = [
    {
      kind: 'review',
      subject: 'als-film',
      facts: {
        version: 14,
        endpoint: 'film-recommend',
        metric: 'NDCG@20',
        change: 0.061,
        low: 0.05,
        high: 0.071,
        by: 'Imke',
      },
      at: now - 2 * dayMs,
      dueAt: now + 2 * dayMs + 3 * hourMs,
      link: '/models/als-film/14',
      command: 'backlot approve als-film@14',
    },
  ];
  return {
    needs: [
      {
        kind: 'failed',
        subject: 'daily-recommend',
        facts: {
          task: 'evaluate EG',
          reason: 'Out of memory on attempt 3 of 3',
          done: 18,
          tasks: 21,
        },
        at: now - 38 * minuteMs,
        link: `/runs/${failedRun}?task=evaluate/EG`,
        command: `backlot run resume ${failedRun.slice(0, 7)}`,
      },
      ...(reviewed ? [] : review),
      {
        kind: 'stale',
        subject: 'play_counts_7d',
        facts: { age: 5 * hourMs + 12 * minuteMs, limit: 4 * hourMs },
        at: now - 72 * minuteMs,
        link: '/tables/plays',
        command: 'backlot run play-counts',
      },
      {
        kind: 'quarantine',
        subject: 'plays',
        facts: {
          rows: 412,
          of: 48_210,
          provider: 'Halcyon TV',
          rule: 'playedAt ≤ receivedAt',
          mend: 'year is one ahead, subtract 1',
        },
        at: now - 124 * minuteMs,
        link: '/tables/plays?tab=quarantine',
        command: 'backlot deliver mend d31c8',
      },
      {
        kind: 'refused',
        subject: 'prices',
        facts: {
          provider: 'Ostrava Film',
          reason: '87% of the rows broke price > 0; the most allowed is 5%',
        },
        at: now - 16 * hourMs,
        link: '/deliveries?delivery=d31c2ff0',
        command: 'backlot deliveries show d31c2ff0',
      },
      {
        kind: 'failed',
        subject: 'book-next-in-order',
        facts: {
          task: 'features',
          reason: 'Input books is older than its limit',
          done: 3,
          tasks: 6,
        },
        at: now - 6 * hourMs,
        link: '/runs/180c98',
        command: 'backlot run resume 180c98',
      },
    ],
    activity: activity(now),
    projects: projects(),
    counts: {
      runs: 212,
      failed: 2,
      endpoints: 12,
      endpointsWithinTarget: 12,
      tables: 5,
      models: 3,
    },
    now,
  };
}

export const emptyHome = (now: number): Home => ({
  needs: [],
  activity: [],
  projects: [],
  counts: { runs: 0, failed: 0, endpoints: 0, endpointsWithinTarget: 0, tables: 0, models: 0 },
  now,
});
