import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { TableSummary } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { agoColumn, bytesColumn, countColumn, digestColumn } from '../parts/columns.tsx';
import { Code } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { Link, navigate, useParam } from '../router.tsx';

/** Which tables are there, and is one of them in trouble? */
export function TablesPage() {
  const { t, href } = useConsole();
  const [sort, setSort] = useParam('sort');
  const query = useQuery('tables', api.tables);
  const columns = useColumns();
  const quarantined = query.data?.tables.filter((table) => table.quarantined > 0).length;
  return (
    <Page
      title={t('rail.tables')}
      sentence={quarantined !== undefined && t('tables.sentence', { count: quarantined })}
      command={apiCommand('/tables')}
    >
      <Panel
        title={t('tables.all', { count: query.data?.tables.length ?? 0 })}
        copies={{ cli: apiCommand('/tables') }}
      >
        <Answered query={query}>
          {({ tables }) => (
            <Table
              label={t('rail.tables')}
              rows={tables}
              rowKey={(table) => table.name}
              onOpen={(table) => navigate(href('tables', table.name))}
              sort={sort}
              onSort={setSort}
              empty={<Empty sentence={t('tables.none')} />}
              columns={columns}
            />
          )}
        </Answered>
      </Panel>
    </Page>
  );
}

function useColumns(): readonly ColumnSpec<TableSummary>[] {
  const { t, f, href } = useConsole();
  return [
    {
      id: 'name',
      title: t('tables.name'),
      by: (table) => table.name,
      cell: (table) => (
        <Link className="name" href={href('tables', table.name)}>
          <Code>{table.name}</Code>
        </Link>
      ),
    },
    {
      id: 'state',
      title: t('runs.state'),
      cell: (table) =>
        table.quarantined > 0 ? (
          <StateMark sign="warn">{t('tables.quarantined', { count: table.quarantined })}</StateMark>
        ) : table.snapshot ? (
          <StateMark sign="ok">{t('tables.fine')}</StateMark>
        ) : (
          <StateMark sign="idle">{t('tables.noRows')}</StateMark>
        ),
    },
    { id: 'purposes', title: t('tables.purposes'), cell: (table) => f.list(table.purposes) },
    digestColumn(t('tables.snapshot'), ({ snapshot }) => snapshot),
    countColumn('columns', t('tables.columns'), ({ columns }) => columns),
    countColumn('rows', t('tables.rows'), ({ rows }) => rows),
    bytesColumn(t('tables.size'), ({ bytes }) => bytes),
    agoColumn(t('tables.changed'), ({ at }) => at),
  ];
}
