import type { Activity } from '../api-types.ts';
import { Timeline, type TimelineRow } from '../charts/timeline.tsx';
import { useConsole } from '../console-context.ts';
import { Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { Link, navigate } from '../router.tsx';
import { runStates, type Stated as StatedOf } from '../state.ts';

const hourMs = 3_600_000;

function statedOf(state: string): StatedOf {
  return runStates[state as keyof typeof runStates] ?? runStates.queued;
}

/** The last day of every pipeline: whether it is one that fails, or all. */
export function HomeActivity({
  activity,
  now,
}: {
  readonly activity: readonly Activity[];
  readonly now: number;
}) {
  const { t, f, href } = useConsole();
  const start = now - 24 * hourMs;
  const rows: readonly TimelineRow[] = activity.map(({ pipeline, runs }) => ({
    key: pipeline,
    label: (
      <bdi dir="ltr" className="cut">
        {pipeline}
      </bdi>
    ),
    onPick: () => navigate(href('pipelines', pipeline)),
    bars: runs.map((run) => {
      const { sign, word } = statedOf(run.state);
      return {
        key: run.run,
        from: run.startedAt,
        to: run.endedAt ?? now,
        sign,
        label: t('home.runBar', { state: t(word), time: f.minute(run.startedAt) }),
      };
    }),
  }));
  return (
    <Panel
      title={t('home.last24')}
      className="home-activity"
      copies={{ cli: 'backlot runs' }}
      twin={<ActivityTable activity={activity} />}
    >
      <Timeline
        label={t('home.last24')}
        rows={rows}
        domain={[start, now + hourMs]}
        now={now}
        tick={f.minute}
        tickTimes={[0, 6, 12, 18].map((hours) => start + hours * hourMs)}
        axisBelow
      />
      <ul className="bar-legend small second">
        {(['ok', 'run', 'fail', 'skipped'] as const).map((sign) => (
          <li key={sign}>
            <i className={`bar bar-${sign}`} aria-hidden />
            {t(`home.legend.${sign}`)}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function ActivityTable({ activity }: { readonly activity: readonly Activity[] }) {
  const { t, f, href } = useConsole();
  const rows = activity.flatMap(({ pipeline, runs }) => runs.map((run) => ({ pipeline, ...run })));
  return (
    <Table
      label={t('home.last24')}
      rows={rows.toSorted((one, two) => two.startedAt - one.startedAt)}
      rowKey={(row) => row.run}
      columns={[
        {
          id: 'pipeline',
          title: t('runs.pipeline'),
          cell: (row) => <Link href={href('runs', row.run)}>{row.pipeline}</Link>,
        },
        {
          id: 'state',
          title: t('runs.state'),
          cell: (row) => <Stated stated={statedOf(row.state)} />,
        },
        {
          id: 'started',
          title: t('runs.started'),
          end: true,
          cell: (row) => <Ago at={row.startedAt} />,
        },
        {
          id: 'took',
          title: t('runs.took'),
          end: true,
          cell: (row) => (row.endedAt ? f.duration(row.endedAt - row.startedAt) : ''),
        },
      ]}
    />
  );
}
