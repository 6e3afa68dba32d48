import { apiCommand } from '../api-command.ts';
import type { Deployment, Endpoint } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { agoColumn, countColumn, digestColumn, durationColumn } from '../parts/columns.tsx';
import { Id } from '../parts/copy.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { Link } from '../router.tsx';
import { endpointStates } from '../state.ts';

/** What serves now, by whose approval. */
export function VersionPanel({ endpoint }: { readonly endpoint: Endpoint }) {
  const { t, href } = useConsole();
  const { deployment, latency } = endpoint;
  return (
    <Panel
      title={t('endpoints.serves')}
      copies={{ cli: apiCommand(`/endpoints/${endpoint.name}`) }}
    >
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
          digestColumn(t('audit.digest'), ({ digest }: Deployment) => digest),
          {
            id: 'approval',
            title: t('endpoint.approval'),
            cell: ({ approval }) => <Id id={approval} />,
          },
          countColumn('requests', t('endpoints.requests'), () => latency.requests),
          durationColumn('p50', 'p50', () => latency.p50Ms),
          durationColumn('p99', 'p99', () => latency.p99Ms),
          agoColumn(t('endpoints.since'), ({ at }: Deployment) => at),
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
