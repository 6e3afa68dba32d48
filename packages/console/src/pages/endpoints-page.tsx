import { api } from '../api.ts';
import type { EndpointSummary } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Code } from '../parts/copy.tsx';
import { Count } from '../parts/number.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
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
      command="backlot endpoints"
    >
      <Panel
        title={t('endpoints.all', { count: query.data?.endpoints.length ?? 0 })}
        copies={{ cli: 'backlot endpoints' }}
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
    {
      id: 'requests',
      title: t('endpoints.requests'),
      end: true,
      by: ({ latency }) => latency.requests,
      cell: ({ latency }) => <Count value={latency.requests} />,
    },
    {
      id: 'errors',
      title: t('endpoints.errors'),
      end: true,
      by: ({ latency }) => latency.errors,
      cell: ({ latency }) =>
        latency.requests === 0 ? '' : f.share(latency.errors / latency.requests),
    },
    {
      id: 'p50',
      title: 'p50',
      end: true,
      by: ({ latency }) => latency.p50Ms ?? 0,
      cell: ({ latency }) => latency.p50Ms !== undefined && f.duration(latency.p50Ms),
    },
    {
      id: 'p99',
      title: 'p99',
      end: true,
      by: ({ latency }) => latency.p99Ms ?? 0,
      cell: ({ latency }) => latency.p99Ms !== undefined && f.duration(latency.p99Ms),
    },
    {
      id: 'limit',
      title: t('endpoints.limit'),
      end: true,
      cell: ({ latency }) => <span className="second">{f.duration(latency.limitMs)}</span>,
    },
    {
      id: 'at',
      title: t('endpoints.since'),
      end: true,
      cell: ({ deployment }) => deployment && <Ago at={deployment.at} />,
    },
  ];
}
