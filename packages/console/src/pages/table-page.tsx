import { Code2 } from 'lucide-react';
import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { Table as TableOf } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Button } from '../parts/button.tsx';
import { Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered } from '../parts/panel.tsx';
import { Chip } from '../parts/state-mark.tsx';
import { TabPanel, Tabs } from '../parts/tabs.tsx';
import { Ago } from '../parts/time.tsx';
import { useQuery } from '../query.ts';
import { useParam } from '../router.tsx';
import { ColumnPanel } from './table-column.tsx';
import { ColumnsPanel } from './table-columns.tsx';
import { QuarantinePanel } from './table-quarantine.tsx';
import { RulesPanel } from './table-rules.tsx';
import { SnapshotsPanel } from './table-snapshots.tsx';

/** May I trust these rows? */
export function TablePage({ name }: { readonly name: string }) {
  const query = useQuery(`table ${name}`, () => api.table(name));
  return (
    <Answered query={query} rows={10}>
      {(table) => <Full table={table} />}
    </Answered>
  );
}

function Full({ table }: { readonly table: TableOf }) {
  const { t, f } = useConsole();
  const [tab, setTab] = useParam('tab');
  const current = tab ?? 'contract';
  const snapshot = table.snapshots[0];
  const quarantined = table.quarantine.reduce((sum, group) => sum + group.rows, 0);
  const code = `import { from } from 'backlot';\n\nconst rows = from(${table.name});`;
  return (
    <Page
      title={<bdi dir="ltr">{table.name}</bdi>}
      chip={<RulesChip table={table} />}
      tags={
        <>
          <span className="tag">{t('table.contract', { version: table.contractVersion })}</span>
          {snapshot && <Id id={snapshot.digest} />}
        </>
      }
      facts={useFacts(table)}
      acts={
        <Button icon={Code2} onPress={() => void navigator.clipboard?.writeText(code)}>
          {t('copy.asCode')}
        </Button>
      }
      command={apiCommand(`/tables/${table.name}`)}
      full
    >
      <Tabs
        main
        label={table.name}
        current={current}
        onSelect={(id) => setTab(id === 'contract' ? undefined : id)}
        tabs={[
          { id: 'contract', title: t('table.tab.contract') },
          { id: 'snapshots', title: t('table.snapshots'), count: f.number(table.snapshots.length) },
          { id: 'quality', title: t('table.rules'), count: f.number(table.rules.length) },
          { id: 'quarantine', title: t('table.quarantine'), count: f.number(quarantined) },
        ]}
      />
      <TabPanel label={t('table.tab.contract')}>
        {current === 'contract' && <Contract table={table} />}
        {current === 'snapshots' && <SnapshotsPanel table={table} most={500} />}
        {current === 'quality' && <RulesPanel table={table} />}
        {current === 'quarantine' && <QuarantinePanel table={table} />}
      </TabPanel>
    </Page>
  );
}

/** Columns and held rows, beside the picked column, snapshots and rules. */
function Contract({ table }: { readonly table: TableOf }) {
  const [picked] = useParam('column');
  const column = table.columns.find((each) => each.name === picked);
  return (
    <div className="with-side side-308">
      <div className="stack">
        <ColumnsPanel table={table} />
        {table.quarantine.length > 0 && <QuarantinePanel table={table} />}
      </div>
      <div className="stack">
        {column && <ColumnPanel table={table} column={column} />}
        <SnapshotsPanel table={table} most={6} />
        <RulesPanel table={table} />
      </div>
    </div>
  );
}

function RulesChip({ table }: { readonly table: TableOf }) {
  const { t } = useConsole();
  const of = table.rules.length;
  const failing = table.rules.filter((rule) => rule.state === 'fail').length;
  const warning = table.rules.filter((rule) => rule.state === 'warn').length;
  if (table.snapshots.length === 0) return <Chip sign="idle">{t('tables.noRows')}</Chip>;
  if (failing > 0) return <Chip sign="fail">{t('table.rulesBroken', { count: failing, of })}</Chip>;
  if (warning > 0) return <Chip sign="warn">{t('table.rulesWarn', { count: warning, of })}</Chip>;
  return <Chip sign="ok">{t('table.rulesHold', { count: of })}</Chip>;
}

function useFacts(table: TableOf) {
  const { rich, f } = useConsole();
  const snapshot = table.snapshots[0];
  return [
    ...(snapshot
      ? [
          rich('table.size', {
            rows: <b>{f.number(snapshot.rows)}</b>,
            bytes: <b>{f.bytes(snapshot.bytes)}</b>,
            buckets: f.number(snapshot.buckets),
          }),
          rich('table.fresh', {
            when: (
              <b>
                <Ago at={snapshot.at} />
              </b>
            ),
          }),
        ]
      : []),
    ...(table.retentionDays === undefined
      ? []
      : [
          rich('table.kept', { days: <b>{f.number(table.retentionDays)}</b> }, table.retentionDays),
        ]),
    rich('table.purposes', { purposes: <b>{f.list(table.purposes)}</b> }),
  ];
}
