import { useEffect, useRef, useState } from 'react';
import { api } from '../api.ts';
import type { RunSummary } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Button } from '../parts/button.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { hrefWith, navigate, useParam } from '../router.tsx';
import { useRunColumns } from './runs-columns.tsx';

const states = ['running', 'failed', 'succeeded'] as const;

/** What ran, what runs, what stopped? */
export function RunsPage() {
  const { t, f } = useConsole();
  const [state, setState] = useParam('state');
  const [after] = useParam('after');
  const key = `runs ${state ?? ''} ${after ?? ''}`;
  const query = useQuery(key, () =>
    api.runs({ ...(state !== undefined && { state }), ...(after !== undefined && { after }) }),
  );
  const runs = query.data?.runs;
  const segments = [
    { id: 'all', title: t('home.filter.all') },
    ...states.map((id) => ({ id, title: t(`runs.filter.${id}`) })),
  ];
  const next = query.data?.next;
  return (
    <Page
      title={t('rail.runs')}
      sentence={
        runs && t('runs.sentence', { count: runs.filter((run) => run.state === 'running').length })
      }
      command="backlot runs"
      full
    >
      <Panel
        title={t('runs.newest')}
        className="grows"
        aside={
          <Segments
            label={t('runs.state')}
            segments={segments}
            current={state ?? 'all'}
            onSelect={(id) => setState(id === 'all' ? undefined : id)}
          />
        }
        copies={{ cli: 'backlot runs' }}
        foot={
          <span className="row spread small second">
            {t('runs.shown', { count: runs?.length ?? 0, shown: f.number(runs?.length ?? 0) })}
            {next !== undefined && (
              <span data-key-n="">
                <Button plain onPress={() => navigate(hrefWith({ after: next }))}>
                  {t('act.older')}
                </Button>
              </span>
            )}
          </span>
        }
      >
        <Answered query={query} rows={12}>
          {(data) => <RunsTable runs={data.runs} />}
        </Answered>
      </Panel>
    </Page>
  );
}

/** Rows do not move under a pointer or a focus: newer ones wait behind a button until asked for. */
function RunsTable({ runs }: { readonly runs: readonly RunSummary[] }) {
  const { t, href } = useConsole();
  const [sort, setSort] = useParam('sort');
  const columns = useRunColumns();
  const [held, setHeld] = useState(false);
  const shown = useRef(runs);
  const [, repaint] = useState(0);
  useEffect(() => {
    if (held) return;
    shown.current = runs;
    repaint((count) => count + 1);
  }, [runs, held]);
  const known = new Map(runs.map((run) => [run.id, run] as const));
  const rows = held ? shown.current.map((run) => known.get(run.id) ?? run) : runs;
  const fresh = held
    ? runs.filter((run) => !shown.current.some(({ id }) => id === run.id)).length
    : 0;
  return (
    // Hover and focus only hold the order of the rows; nothing here is pressed.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {fresh > 0 && (
        <button type="button" className="fresh small" onClick={() => setHeld(false)}>
          {t('runs.fresh', { count: fresh })}
        </button>
      )}
      <Table
        label={t('rail.runs')}
        rows={rows}
        rowKey={({ id }) => id}
        onOpen={({ id }) => navigate(href('runs', id))}
        sort={sort}
        onSort={setSort}
        empty={<Empty sentence={t('runs.none')} />}
        columns={columns}
      />
    </div>
  );
}
