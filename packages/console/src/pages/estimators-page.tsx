import { Search } from 'lucide-react';
import { api } from '../api.ts';
import type { Estimator } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Code } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { hrefWith, Link, navigate, useParam } from '../router.tsx';

/** They change with the program alone. */
const refreshMs = 600_000;

/** Which estimators are there, and what is each for? */
export function EstimatorsPage() {
  const { t, href } = useConsole();
  const [sort, setSort] = useParam('sort');
  const [text = ''] = useParam('find');
  const query = useQuery('estimators', () => api.estimators({}), refreshMs);
  const columns = useColumns();
  const found = matching(query.data?.estimators ?? [], text);
  return (
    <Page
      title={t('rail.estimators')}
      sentence={query.data && t('estimators.sentence', { count: query.data.estimators.length })}
      command="backlot explain estimator"
    >
      <Panel
        title={t('estimators.all', { count: found.length })}
        aside={<Find text={text} />}
        copies={{ cli: 'backlot explain estimator' }}
      >
        <Answered query={query} rows={12}>
          {() => (
            <Table
              label={t('rail.estimators')}
              rows={found}
              rowKey={({ kind }) => kind}
              onOpen={({ kind }) => navigate(href('estimators', kind))}
              sort={sort}
              onSort={setSort}
              empty={<Empty sentence={t('estimators.none')} />}
              columns={columns}
            />
          )}
        </Answered>
      </Panel>
    </Page>
  );
}

function Find({ text }: { readonly text: string }) {
  const { t } = useConsole();
  return (
    <span className="filters">
      <search className="field with-icon">
        <Search aria-hidden size={14} strokeWidth={1.6} className="icon third" />
        <input
          data-search=""
          aria-label={t('estimators.find')}
          placeholder={t('estimators.find')}
          value={text}
          // Each letter is no step that Back undoes.
          onChange={({ target }) =>
            navigate(hrefWith({ find: target.value || undefined }), { replace: true })
          }
        />
        <kbd>/</kbd>
      </search>
    </span>
  );
}

/** Those that hold every word in their name, family, purpose or sentence; by family, then by name. */
function matching(all: readonly Estimator[], text: string): readonly Estimator[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const order = (one: Estimator): string => `${one.family} ${one.kind.toLowerCase()}`;
  return all
    .filter(({ kind, family, roles, summary }) => {
      const where = [kind, family, ...roles, summary].join(' ').toLowerCase();
      return words.every((word) => where.includes(word));
    })
    .toSorted((one, two) => order(one).localeCompare(order(two)));
}

function useColumns(): readonly ColumnSpec<Estimator>[] {
  const { t, href } = useConsole();
  return [
    {
      id: 'family',
      title: t('estimators.family'),
      by: ({ family }) => family,
      cell: ({ family }) => <bdi dir="ltr">{family}</bdi>,
    },
    {
      id: 'kind',
      title: t('estimators.estimator'),
      by: ({ kind }) => kind.toLowerCase(),
      cell: ({ kind }) => (
        <Link className="name" href={href('estimators', kind)}>
          <Code>{kind}</Code>
        </Link>
      ),
    },
    {
      id: 'summary',
      title: t('estimators.does'),
      cell: ({ summary }) => <bdi dir="ltr">{summary}</bdi>,
    },
    {
      id: 'roles',
      title: t('estimators.roles'),
      cell: ({ roles }) => <bdi dir="ltr">{roles.join(', ')}</bdi>,
    },
    {
      id: 'onnx',
      title: 'ONNX',
      by: ({ onnx }) => (onnx ? 1 : 0),
      cell: ({ onnx }) => t(onnx ? 'estimators.yes' : 'estimators.no'),
    },
  ];
}
