import type { RunSummary } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { agoColumn, durationColumn } from '../parts/columns.tsx';
import { Code, Id } from '../parts/copy.tsx';
import { Meter } from '../parts/number.tsx';
import { Stated } from '../parts/state-mark.tsx';
import type { ColumnSpec } from '../parts/table.tsx';
import { Link } from '../router.tsx';
import { runStates } from '../state.ts';

/** The columns of every list of runs. */
export function useRunColumns(): readonly ColumnSpec<RunSummary>[] {
  const { t, href, now } = useConsole();
  const took = (run: RunSummary): number | undefined =>
    run.startedAt === undefined ? undefined : (run.endedAt ?? now) - run.startedAt;
  return [
    {
      id: 'run',
      title: t('deliveries.run'),
      cell: ({ id }) => (
        <Link href={href('runs', id)} className="name">
          <Id id={id} copy={false} />
        </Link>
      ),
    },
    {
      id: 'pipeline',
      title: t('runs.pipeline'),
      by: ({ pipeline }) => pipeline,
      cell: ({ pipeline }) => (
        <b className="name">
          <Code>{pipeline}</Code>
        </b>
      ),
    },
    {
      id: 'state',
      title: t('runs.state'),
      by: ({ state }) => state,
      cell: ({ state }) => <Stated stated={runStates[state]} />,
    },
    {
      id: 'tasks',
      title: t('runs.tasks'),
      cell: ({ done, tasks, state }) => (
        <span className="with-icon small second">
          <Meter
            label={t('runs.tasks')}
            value={done}
            max={tasks}
            text={t('runs.doneOf', { done, tasks })}
            tone={state === 'failed' ? 'fail' : state === 'running' ? 'run' : 'usual'}
          />
          {t('runs.doneOf', { done, tasks })}
        </span>
      ),
    },
    {
      id: 'by',
      title: t('runs.by'),
      by: ({ by }) => by,
      cell: ({ by }) => <bdi className="second">{by}</bdi>,
    },
    durationColumn('took', t('runs.took'), took),
    agoColumn(t('runs.started'), ({ createdAt }) => createdAt),
  ];
}
