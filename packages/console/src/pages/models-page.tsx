import { api } from '../api.ts';
import type { ModelSummary } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { agoColumn, bytesColumn, digestColumn } from '../parts/columns.tsx';
import { Code } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { Link, navigate, useParam } from '../router.tsx';
import { approvalStates } from '../state.ts';

/** Which models are there, what serves, and what waits for a signature? */
export function ModelsPage() {
  const { t, href } = useConsole();
  const [sort, setSort] = useParam('sort');
  const query = useQuery('models', api.models);
  const waiting = query.data?.models.filter(({ latest }) => latest.approval === 'proposed').length;
  const columns = useColumns(query.data?.models ?? []);
  return (
    <Page
      title={t('rail.models')}
      sentence={waiting !== undefined && t('reviews.sentence', { count: waiting })}
      command="backlot models"
    >
      <Panel
        title={t('models.all', { count: query.data?.models.length ?? 0 })}
        copies={{ cli: 'backlot models' }}
      >
        <Answered query={query}>
          {({ models }) => (
            <Table
              label={t('rail.models')}
              rows={models}
              rowKey={({ name }) => name}
              onOpen={({ name, latest }) => navigate(href('models', name, latest.version))}
              sort={sort}
              onSort={setSort}
              empty={<Empty sentence={t('models.none')} />}
              columns={columns}
            />
          )}
        </Answered>
      </Panel>
    </Page>
  );
}

const mostMetrics = 3;

function useColumns(models: readonly ModelSummary[]): readonly ColumnSpec<ModelSummary>[] {
  const { t, f, href } = useConsole();
  const metrics = [...new Set(models.flatMap(({ latest }) => Object.keys(latest.metrics)))].slice(
    0,
    mostMetrics,
  );
  return [
    {
      id: 'name',
      title: t('models.model'),
      by: ({ name }) => name,
      cell: ({ name, latest }) => (
        <Link className="name" href={href('models', name, latest.version)}>
          <bdi dir="ltr">{`${name} v${latest.version}`}</bdi>
        </Link>
      ),
    },
    {
      id: 'state',
      title: t('models.newest'),
      cell: ({ latest }) => <Stated stated={approvalStates[latest.approval]} />,
    },
    {
      id: 'production',
      title: t('models.production'),
      cell: ({ name, production }) =>
        production ? (
          <Link className="link" href={href('models', name, production.version)}>
            <Code>{`v${production.version}`}</Code>
          </Link>
        ) : (
          <span className="third">{t('models.noProduction')}</span>
        ),
    },
    digestColumn(t('audit.digest'), ({ latest }) => latest.digest),
    ...metrics.map((metric) => ({
      id: metric,
      title: <Code>{metric}</Code>,
      end: true,
      by: ({ latest }: ModelSummary) => latest.metrics[metric] ?? 0,
      cell: ({ latest }: ModelSummary) => {
        const value = latest.metrics[metric];
        return value === undefined ? '' : f.decimal(value, 4);
      },
    })),
    {
      id: 'versions',
      title: t('models.versions'),
      end: true,
      by: ({ versions }) => versions,
      cell: ({ name, versions }) => (
        <Link className="link" href={href('models', name)}>
          {f.number(versions)}
        </Link>
      ),
    },
    bytesColumn(t('tables.size'), ({ latest }) => latest.bytes),
    agoColumn(t('models.made'), ({ latest }) => latest.at),
  ];
}
