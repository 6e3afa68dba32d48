import { api } from '../api.ts';
import type { Pipeline } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Code, Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Stated, StateMark } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { useQuery } from '../query.ts';
import { Link, navigate, useParam } from '../router.tsx';
import { runStates } from '../state.ts';

/** Which pipelines are there, and how did each end last? */
export function PipelinesPage() {
  const { t, href } = useConsole();
  const [sort, setSort] = useParam('sort');
  const query = useQuery('pipelines', api.pipelines);
  const failed = query.data?.pipelines.filter(({ lastRun }) => lastRun?.state === 'failed').length;
  const columns = useColumns();
  return (
    <Page
      title={t('rail.pipelines')}
      sentence={failed !== undefined && t('pipelines.sentence', { count: failed })}
      command="backlot run"
    >
      <Panel
        title={t('pipelines.all', { count: query.data?.pipelines.length ?? 0 })}
        copies={{ cli: 'backlot run' }}
      >
        <Answered query={query}>
          {({ pipelines }) => (
            <Table
              label={t('rail.pipelines')}
              rows={pipelines}
              rowKey={({ name }) => name}
              onOpen={({ name }) => navigate(href('pipelines', name))}
              sort={sort}
              onSort={setSort}
              empty={<Empty sentence={t('pipelines.none')} />}
              columns={columns}
            />
          )}
        </Answered>
      </Panel>
    </Page>
  );
}

function useColumns(): readonly ColumnSpec<Pipeline>[] {
  const { t, f, href } = useConsole();
  return [
    {
      id: 'name',
      title: t('runs.pipeline'),
      by: ({ name }) => name,
      cell: ({ name }) => (
        <Link className="name" href={href('pipelines', name)}>
          <Code>{name}</Code>
        </Link>
      ),
    },
    {
      id: 'state',
      title: t('pipelines.last'),
      cell: ({ lastRun }) =>
        lastRun ? (
          <Stated stated={runStates[lastRun.state]} />
        ) : (
          <StateMark sign="idle">{t('pipelines.never')}</StateMark>
        ),
    },
    {
      id: 'run',
      title: t('deliveries.run'),
      cell: ({ lastRun }) =>
        lastRun && (
          <Link className="link" href={href('runs', lastRun.id)}>
            <Id id={lastRun.id} copy={false} />
          </Link>
        ),
    },
    { id: 'plan', title: t('pipelines.plan'), cell: ({ plan }) => plan && <Id id={plan} /> },
    {
      id: 'tasks',
      title: t('runs.tasks'),
      end: true,
      by: ({ tasks }) => tasks.length,
      cell: ({ tasks }) => f.number(tasks.length),
    },
    {
      id: 'took',
      title: t('runs.took'),
      end: true,
      cell: ({ lastRun }) =>
        lastRun?.startedAt && lastRun.endedAt && f.duration(lastRun.endedAt - lastRun.startedAt),
    },
    {
      id: 'at',
      title: t('runs.started'),
      end: true,
      by: ({ lastRun }) => lastRun?.createdAt ?? 0,
      cell: ({ lastRun }) => lastRun && <Ago at={lastRun.createdAt} />,
    },
  ];
}
