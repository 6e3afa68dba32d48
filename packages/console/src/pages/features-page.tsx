import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { FeatureViewSummary } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { agoColumn, countColumn, digestColumn } from '../parts/columns.tsx';
import { Code } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { Link, navigate, useParam } from '../router.tsx';
import { freshnessStates } from '../state.ts';

/** Which features are there, and are they fresh? */
export function FeaturesPage() {
  const { t, href } = useConsole();
  const [sort, setSort] = useParam('sort');
  const query = useQuery('features', api.features);
  const columns = useColumns();
  const stale = query.data?.views.filter(({ freshness }) => freshness.state === 'stale').length;
  return (
    <Page
      title={t('rail.features')}
      sentence={stale !== undefined && t('features.sentence', { count: stale })}
      command="backlot features ls"
    >
      <Panel
        title={t('features.all', { count: query.data?.views.length ?? 0 })}
        copies={{ cli: apiCommand('/features') }}
      >
        <Answered query={query}>
          {({ views }) => (
            <Table
              label={t('rail.features')}
              rows={views}
              rowKey={({ name }) => name}
              onOpen={({ name }) => navigate(href('features', name))}
              sort={sort}
              onSort={setSort}
              empty={<Empty sentence={t('features.none')} />}
              columns={columns}
            />
          )}
        </Answered>
      </Panel>
    </Page>
  );
}

function useColumns(): readonly ColumnSpec<FeatureViewSummary>[] {
  const { t, f, href } = useConsole();
  return [
    {
      id: 'name',
      title: t('features.view'),
      by: ({ name }) => name,
      cell: ({ name }) => (
        <Link className="name" href={href('features', name)}>
          <Code>{name}</Code>
        </Link>
      ),
    },
    {
      id: 'state',
      title: t('runs.state'),
      by: ({ freshness }) => freshness.state,
      cell: ({ freshness }) => <Stated stated={freshnessStates[freshness.state]} />,
    },
    {
      id: 'lag',
      title: t('features.lag'),
      end: true,
      by: ({ freshness }) => freshness.lagMs ?? 0,
      cell: ({ freshness }) => freshness.lagMs !== undefined && f.duration(freshness.lagMs),
    },
    { id: 'entity', title: t('features.entity'), cell: ({ entity }) => <Code>{entity}</Code> },
    countColumn('features', t('rail.features'), ({ features }) => features),
    countColumn('keys', t('features.keys'), ({ freshness }) => freshness.keys),
    {
      id: 'tables',
      title: t('rail.tables'),
      cell: ({ tables }) => <bdi>{f.list(tables)}</bdi>,
    },
    digestColumn(t('features.version'), ({ digest }) => digest),
    agoColumn(t('features.built'), ({ freshness }) => freshness.builtAt),
  ];
}
