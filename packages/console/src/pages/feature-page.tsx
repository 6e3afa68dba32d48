import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { FeatureView, Freshness } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Code, Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Fact, Panel } from '../parts/panel.tsx';
import { Chip } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { useQuery } from '../query.ts';
import { Link } from '../router.tsx';
import { freshnessStates } from '../state.ts';

/** What are these features computed from, and how old is what is served? */
export function FeaturePage({ name }: { readonly name: string }) {
  const query = useQuery(`features ${name}`, () => api.featureView(name));
  return <Answered query={query}>{(view) => <Full view={view} />}</Answered>;
}

function Full({ view }: { readonly view: FeatureView }) {
  const { t, f, rich, href } = useConsole();
  const { sign, word } = freshnessStates[view.freshness.state];
  return (
    <Page
      title={<bdi dir="ltr">{view.name}</bdi>}
      chip={<Chip sign={sign}>{t(word)}</Chip>}
      tags={<Id id={view.digest} />}
      facts={[
        rich('features.of', { entity: <Code>{view.entity.name}</Code> }),
        rich('table.purposes', { purposes: <b>{f.list(view.purposes)}</b> }),
        ...(view.ttlMs === undefined
          ? []
          : [rich('features.ttl', { time: <b>{f.duration(view.ttlMs)}</b> })]),
      ]}
      command={view.command}
      full
    >
      <div className="with-side side-308">
        <Panel
          title={t('features.columns', { count: view.features.length })}
          className="grows"
          copies={{ cli: apiCommand(`/features/${view.name}`) }}
        >
          <Table
            label={t('features.columns', { count: view.features.length })}
            rows={view.features}
            rowKey={(feature) => feature.name}
            columns={useColumns()}
          />
        </Panel>
        <div className="stack">
          <FreshnessPanel freshness={view.freshness} ttlMs={view.ttlMs} />
          <Panel title={t('features.tables')}>
            <ul className="padded stack">
              {view.tables.map((table) => (
                <li key={table}>
                  <Link className="link" href={href('tables', table)}>
                    <Code>{table}</Code>
                  </Link>
                </li>
              ))}
            </ul>
          </Panel>
        </div>
      </div>
    </Page>
  );
}

function FreshnessPanel(props: {
  readonly freshness: Freshness;
  readonly ttlMs: number | undefined;
}) {
  const { t, f } = useConsole();
  const { through, builtAt, newestEvent, lagMs, keys, pushed } = props.freshness;
  const share = lagMs === undefined || !props.ttlMs ? undefined : Math.min(1, lagMs / props.ttlMs);
  return (
    <Panel title={t('features.freshness')} copies={{ cli: 'backlot features freshness' }}>
      <div className="padded stack">
        {lagMs !== undefined && (
          <p>
            {t('features.lag')} <b>{f.duration(lagMs)}</b>
          </p>
        )}
        {share !== undefined && (
          <meter
            className="freshness"
            min={0}
            max={1}
            value={share}
            aria-label={t('features.ofTtl', { share: f.share(share) })}
          />
        )}
        <dl className="facts">
          {newestEvent !== undefined && (
            <Fact label={t('features.newest')}>
              <Ago at={newestEvent} />
            </Fact>
          )}
          {through !== undefined && (
            <Fact label={t('features.through')}>
              <Ago at={through} />
            </Fact>
          )}
          {builtAt !== undefined && (
            <Fact label={t('features.built')}>
              <Ago at={builtAt} />
            </Fact>
          )}
          <Fact label={t('features.keys')}>{f.exact(keys)}</Fact>
          <Fact label={t('features.pushed')}>{f.exact(pushed)}</Fact>
        </dl>
      </div>
    </Panel>
  );
}

function useColumns(): readonly ColumnSpec<FeatureView['features'][number]>[] {
  const { t, f } = useConsole();
  return [
    {
      id: 'name',
      title: t('features.feature'),
      cell: ({ name }) => (
        <b className="name">
          <Code>{name}</Code>
        </b>
      ),
    },
    {
      id: 'type',
      title: t('table.type'),
      cell: ({ type }) => (
        <span className="second">
          <Code>{type}</Code>
        </span>
      ),
    },
    {
      id: 'from',
      title: t('features.computed'),
      cell: ({ aggregate, column }) => <Code>{`${aggregate}(${column ?? '*'})`}</Code>,
    },
    {
      id: 'window',
      title: t('features.window'),
      end: true,
      cell: ({ windowMs }) => windowMs !== undefined && f.duration(windowMs),
    },
    {
      id: 'exact',
      title: t('features.exactness'),
      cell: ({ error }) => error ?? t('features.exact'),
    },
  ];
}
