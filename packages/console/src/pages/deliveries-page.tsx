import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { Delivery } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { agoColumn, countColumn } from '../parts/columns.tsx';
import { Code, Id } from '../parts/copy.tsx';
import { Count } from '../parts/number.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Fact, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { hrefWith, Link, navigate, useParam } from '../router.tsx';
import { deliveryStates } from '../state.ts';
import { CloseDetail } from './close-detail.tsx';

/** What did providers hand in, and what became of it? */
export function DeliveriesPage() {
  const { t } = useConsole();
  const [table] = useParam('table');
  const [picked] = useParam('delivery');
  const [sort, setSort] = useParam('sort');
  const key = `deliveries ${table ?? ''}`;
  const query = useQuery(key, () => api.deliveries({ ...(table !== undefined && { table }) }));
  const deliveries = query.data?.deliveries;
  const refused = deliveries?.filter(({ status }) => status === 'refused').length;
  const detail = deliveries?.find(({ id }) => id === picked);
  const columns = useColumns();
  return (
    <Page
      title={t('rail.deliveries')}
      sentence={refused !== undefined && t('deliveries.sentence', { count: refused })}
      command={apiCommand('/deliveries')}
      full
    >
      <div className={detail ? 'with-side side-360' : 'stack'}>
        <Panel
          title={t('deliveries.newest')}
          className="grows"
          copies={{ cli: apiCommand('/deliveries') }}
        >
          <Answered query={query}>
            {(data) => (
              <Table
                label={t('rail.deliveries')}
                rows={data.deliveries}
                rowKey={(delivery) => delivery.id}
                selected={picked}
                onOpen={(delivery) => navigate(hrefWith({ delivery: delivery.id }))}
                sort={sort}
                onSort={setSort}
                empty={<Empty sentence={t('deliveries.none')} />}
                columns={columns}
              />
            )}
          </Answered>
        </Panel>
        {detail && <Detail delivery={detail} />}
      </div>
    </Page>
  );
}

function useColumns(): readonly ColumnSpec<Delivery>[] {
  const { t, href } = useConsole();
  return [
    {
      id: 'id',
      title: t('deliveries.delivery'),
      cell: ({ id }) => (
        <Link href={hrefWith({ delivery: id })}>
          <Id id={id} copy={false} />
        </Link>
      ),
    },
    {
      id: 'state',
      title: t('runs.state'),
      by: ({ status }) => status,
      cell: ({ status }) => <Stated stated={deliveryStates[status]} />,
    },
    {
      id: 'table',
      title: t('tables.name'),
      by: ({ table }) => table,
      cell: ({ table }) => (
        <Link href={href('tables', table)} className="name">
          <Code>{table}</Code>
        </Link>
      ),
    },
    {
      id: 'provider',
      title: t('deliveries.provider'),
      by: ({ provider }) => provider,
      cell: ({ provider }) => <bdi>{provider}</bdi>,
    },
    {
      id: 'format',
      title: t('deliveries.format'),
      cell: ({ format }) => (
        <span className="second">
          <Code>{format}</Code>
        </span>
      ),
    },
    countColumn('rows', t('tables.rows'), ({ rows }) => rows),
    countColumn('accepted', t('deliveries.accepted'), ({ accepted }) => accepted),
    {
      id: 'held',
      title: t('deliveries.held'),
      end: true,
      by: ({ quarantined }) => quarantined,
      cell: ({ quarantined }) => (
        <span className={quarantined > 0 ? 'hue-warn name' : 'third'}>
          <Count value={quarantined} />
        </span>
      ),
    },
    agoColumn(t('runs.when'), ({ at }) => at),
  ];
}

/** A delivery's receipt: counts, digests, and the rules that held rows back. */
function Detail({ delivery }: { readonly delivery: Delivery }) {
  const { t, f, href } = useConsole();
  return (
    <Panel
      title={t('deliveries.receipt')}
      className="grows"
      aside={<CloseDetail param="delivery" />}
      copies={{ cli: apiCommand(`/deliveries/${delivery.id}`) }}
    >
      <div className="padded stack">
        <Stated stated={deliveryStates[delivery.status]} />
        <dl className="facts">
          <Fact label={t('deliveries.source')}>
            <Id id={delivery.source} />
          </Fact>
          <Fact label={t('deliveries.receipt')}>
            <Id id={delivery.receipt} />
          </Fact>
          {delivery.snapshot && (
            <Fact label={t('tables.snapshot')}>
              <Id id={delivery.snapshot} />
            </Fact>
          )}
          {delivery.run && (
            <Fact label={t('deliveries.run')}>
              <Link className="link" href={href('runs', delivery.run)}>
                <Id id={delivery.run} copy={false} />
              </Link>
            </Fact>
          )}
          <Fact label={t('tables.rows')}>{f.exact(delivery.rows)}</Fact>
          <Fact label={t('deliveries.accepted')}>{f.exact(delivery.accepted)}</Fact>
          <Fact label={t('deliveries.held')}>{f.exact(delivery.quarantined)}</Fact>
        </dl>
        {delivery.reasons.map((reason) => (
          <div key={`${reason.rule} ${reason.column}`} className="reason small">
            <p>
              <b className="name">
                <Code>{`${reason.column}: ${reason.rule}`}</Code>
              </b>{' '}
              <span className="second">{t('quarantine.held', { count: reason.rows })}</span>
            </p>
            <p className="second">
              <bdi>{reason.mend}</bdi>
            </p>
          </div>
        ))}
      </div>
    </Panel>
  );
}
