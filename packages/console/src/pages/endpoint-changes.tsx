import { apiCommand } from '../api-command.ts';
import type { Endpoint } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Command, Id } from '../parts/copy.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { Link } from '../router.tsx';

const signs = { serving: 'ok', replaced: 'skipped', refused: 'refused' } as const;

/** What was served before, newest first. */
export function ChangesPanel({ endpoint }: { readonly endpoint: Endpoint }) {
  const { t, href } = useConsole();
  return (
    <Panel
      title={t('endpoint.changes')}
      className="grows"
      copies={{ cli: apiCommand(`/endpoints/${endpoint.name}`) }}
      foot={<Command>{`backlot recommend ${endpoint.name} ACCOUNT`}</Command>}
    >
      <Table
        label={t('endpoint.changes')}
        rows={endpoint.changes}
        rowKey={({ id }) => id}
        empty={<Empty sentence={t('endpoint.noChanges')} />}
        columns={[
          {
            id: 'version',
            title: t('models.version'),
            cell: ({ model, version }) => (
              <Link className="name" href={href('models', model, version)}>
                <bdi dir="ltr">{`${model} v${version}`}</bdi>
              </Link>
            ),
          },
          {
            id: 'state',
            title: t('runs.state'),
            cell: ({ state }) => (
              <StateMark sign={signs[state]}>{t(`deployment.${state}`)}</StateMark>
            ),
          },
          {
            id: 'approval',
            title: t('endpoint.approval'),
            cell: ({ approval }) => <Id id={approval} />,
          },
          { id: 'by', title: t('runs.by'), cell: ({ by }) => <bdi className="second">{by}</bdi> },
          { id: 'at', title: t('runs.when'), end: true, cell: ({ at }) => <Ago at={at} /> },
        ]}
      />
    </Panel>
  );
}
