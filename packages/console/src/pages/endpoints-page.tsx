import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { EndpointSummary } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { agoColumn, countColumn, durationColumn } from '../parts/columns.tsx';
import { Code } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { Link, navigate, useParam } from '../router.tsx';
import { endpointStates } from '../state.ts';

/** What serves, and is it healthy? */
export function EndpointsPage() {
  const { t, href } = useConsole();
  const [sort, setSort] = useParam('sort');
  const query = useQuery('endpoints', api.endpoints);
  const ill = query.data?.endpoints.filter(({ state }) => state === 'degraded').length;
  const columns = useColumns();
  return (
    <Page
      title={t('rail.endpoints')}
      sentence={ill !== undefined && t('endpoints.sentence', { count: ill })}
      command={apiCommand('/endpoints')}
    >
      <Panel
        title={t('endpoints.all', { count: query.data?.endpoints.length ?? 0 })}
        copies={{ cli: apiCommand('/endpoints') }}
      >
        <Answered query={query}>
          {({ endpoints }) => (
            <Table
              label={t('rail.endpoints')}
              rows={endpoints}
              rowKey={({ name }) => name}
              onOpen={({ name }) => navigate(href('endpoints', name))}
              sort={sort}
              onSort={setSort}
              empty={<Empty sentence={t('endpoints.none')} />}
              columns={columns}
            />
          )}
        </Answered>
      </Panel>
    </Page>
  );
}

function useColumns(): readonly ColumnSpec<EndpointSummary>[] {
  const { t, f, href } = useConsole();
  return [
    {
      id: 'name',
      title: t('endpoints.endpoint'),
      by: ({ name }) => name,
      cell: ({ name }) => (
        <Link className="name" href={href('endpoints', name)}>
          <Code>{name}</Code>
        </Link>
      ),
    },
    {
      id: 'state',
      title: t('runs.state'),
      cell: ({ state }) => <Stated stated={endpointStates[state]} />,
    },
    {
      id: 'model',
      title: t('endpoints.serves'),
      cell: ({ deployment }) =>
        deployment && (
          <Link className="link" href={href('models', deployment.model, deployment.version)}>
            <bdi dir="ltr">{`${deployment.model} v${deployment.version}`}</bdi>
          </Link>
        ),
    },
    countColumn('requests', t('endpoints.requests'), ({ latency }) => latency.requests),
    {
      id: 'errors',
      title: t('endpoints.errors'),
      end: true,
      by: ({ latency }) => latency.errors,
      cell: ({ latency }) =>
        latency.requests === 0 ? '' : f.share(latency.errors / latency.requests),
    },
    durationColumn('p50', 'p50', ({ latency }) => latency.p50Ms),
    durationColumn('p99', 'p99', ({ latency }) => latency.p99Ms),
    durationColumn('limit', t('endpoints.limit'), ({ latency }) => latency.limitMs),
    agoColumn(t('endpoints.since'), ({ deployment }) => deployment?.at),
  ];
}
