import type { Endpoint } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Id } from '../parts/copy.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { Link } from '../router.tsx';
import { endpointStates } from '../state.ts';

/** What serves now, by whose approval. */
export function VersionPanel({ endpoint }: { readonly endpoint: Endpoint }) {
  const { t, f, href } = useConsole();
  const { deployment, latency } = endpoint;
  return (
    <Panel title={t('endpoints.serves')} copies={{ cli: `backlot serve ${endpoint.name}` }}>
      <Table
        label={t('endpoints.serves')}
        rows={deployment ? [deployment] : []}
        rowKey={({ id }) => id}
        empty={<Empty sentence={t('endpoint.nothingServes')} />}
        columns={[
          {
            id: 'version',
            title: t('models.version'),
            cell: ({ model, version }) => (
              <Link className="name with-icon" href={href('models', model, version)}>
                <span className="legend-mark" style={{ background: 'var(--series-1)' }} />
                <bdi dir="ltr">{`${model} v${version}`}</bdi>
              </Link>
            ),
          },
          { id: 'digest', title: t('audit.digest'), cell: ({ digest }) => <Id id={digest} /> },
          {
            id: 'approval',
            title: t('endpoint.approval'),
            cell: ({ approval }) => <Id id={approval} />,
          },
          {
            id: 'requests',
            title: t('endpoints.requests'),
            end: true,
            cell: () => f.number(latency.requests),
          },
          {
            id: 'p50',
            title: 'p50',
            end: true,
            cell: () => latency.p50Ms !== undefined && f.duration(latency.p50Ms),
          },
          {
            id: 'p99',
            title: 'p99',
            end: true,
            cell: () => latency.p99Ms !== undefined && f.duration(latency.p99Ms),
          },
          {
            id: 'since',
            title: t('endpoints.since'),
            end: true,
            cell: ({ at }) => <Ago at={at} />,
          },
          {
            id: 'state',
            title: t('runs.state'),
            cell: () => <Stated stated={endpointStates[endpoint.state]} />,
          },
        ]}
      />
    </Panel>
  );
}
