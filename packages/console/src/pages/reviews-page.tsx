import { api } from '../api.ts';
import { useConsole } from '../console-context.ts';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { useQuery } from '../query.ts';
import { Link, navigate } from '../router.tsx';
import { approvalStates } from '../state.ts';

/** Which models wait for a person's signature? */
export function ReviewsPage() {
  const { t, f, href } = useConsole();
  const query = useQuery('models', api.models);
  const waiting = query.data?.models
    .map(({ latest }) => latest)
    .filter(({ approval }) => approval === 'proposed');
  return (
    <Page
      title={t('rail.reviews')}
      sentence={waiting && t('reviews.sentence', { count: waiting.length })}
      command="backlot models"
    >
      <Panel title={t('reviews.waiting')} copies={{ cli: 'backlot models' }}>
        <Answered query={query}>
          {() => (
            <Table
              label={t('reviews.waiting')}
              rows={waiting ?? []}
              rowKey={(version) => `${version.model} ${version.version}`}
              onOpen={({ model, version }) => navigate(href('models', model, version))}
              empty={<Empty sentence={t('reviews.none')} />}
              columns={[
                {
                  id: 'model',
                  title: t('models.model'),
                  cell: ({ model, version }) => (
                    <Link className="name" href={href('models', model, version)}>
                      <bdi dir="ltr">{`${model} v${version}`}</bdi>
                    </Link>
                  ),
                },
                {
                  id: 'state',
                  title: t('runs.state'),
                  cell: ({ approval }) => <Stated stated={approvalStates[approval]} />,
                },
                {
                  id: 'authors',
                  title: t('models.authors'),
                  cell: ({ authors }) => f.list(authors),
                },
                { id: 'at', title: t('models.made'), end: true, cell: ({ at }) => <Ago at={at} /> },
              ]}
            />
          )}
        </Answered>
      </Panel>
    </Page>
  );
}
