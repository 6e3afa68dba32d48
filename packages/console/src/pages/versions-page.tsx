import { api } from '../api.ts';
import type { VersionSummary } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { agoColumn, bytesColumn, digestColumn } from '../parts/columns.tsx';
import { Code } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { Link, navigate } from '../router.tsx';
import { approvalStates } from '../state.ts';

/** The versions of one model, newest first. */
export function VersionsPage({ name }: { readonly name: string }) {
  const { t, f, href } = useConsole();
  const query = useQuery(`versions ${name}`, () => api.versions(name));
  return (
    <Page
      title={<bdi dir="ltr">{name}</bdi>}
      sentence={query.data && t('models.versionCount', { count: query.data.versions.length })}
      command={`backlot models ${name}`}
    >
      <Panel title={t('models.versions')} copies={{ cli: `backlot models ${name}` }}>
        <Answered query={query}>
          {({ versions }) => (
            <Table
              label={t('models.versions')}
              rows={versions}
              rowKey={({ version }) => String(version)}
              onOpen={({ version }) => navigate(href('models', name, version))}
              empty={<Empty sentence={t('models.none')} />}
              columns={[
                {
                  id: 'version',
                  title: t('models.version'),
                  cell: ({ version }) => (
                    <Link className="name" href={href('models', name, version)}>
                      <Code>{`v${version}`}</Code>
                    </Link>
                  ),
                },
                {
                  id: 'state',
                  title: t('runs.state'),
                  cell: ({ approval }) => <Stated stated={approvalStates[approval]} />,
                },
                {
                  id: 'aliases',
                  title: t('models.aliases'),
                  cell: ({ aliases }) => <bdi>{f.list(aliases)}</bdi>,
                },
                digestColumn(t('audit.digest'), ({ digest }: VersionSummary) => digest),
                {
                  id: 'authors',
                  title: t('models.authors'),
                  cell: ({ authors }) => <bdi>{f.list(authors)}</bdi>,
                },
                bytesColumn(t('tables.size'), ({ bytes }: VersionSummary) => bytes),
                agoColumn(t('models.made'), ({ at }: VersionSummary) => at),
              ]}
            />
          )}
        </Answered>
      </Panel>
    </Page>
  );
}
