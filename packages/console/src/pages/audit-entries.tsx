import { ArrowDown, Search } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Audit, Entry } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Button } from '../parts/button.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { Clock } from '../parts/time.tsx';
import { hrefWith, Link, navigate, useAddress } from '../router.tsx';
import type { Sign } from '../state.ts';

/** Acts whose word carries a state; all others are plain. */
const actSigns: readonly (readonly [RegExp, Sign])[] = [
  [/fail/, 'fail'],
  [/refus|den(?:y|ied)/, 'refused'],
  [/quarantin|void/, 'warn'],
  [/approv/, 'ok'],
];

/** The ledger, newest first; each filter is a step that Back undoes. */
export function EntriesPanel({
  audit,
  selected,
}: {
  readonly audit: Audit;
  readonly selected: number | undefined;
}) {
  const { t, f, href } = useConsole();
  const { query } = useAddress();
  const open = (entry: Entry): void =>
    navigate(`${href('audit', entry.position)}${searchOf(query)}`);
  return (
    <Panel
      title={t('audit.ledger')}
      className="grows"
      aside={<Filters entries={audit.entries} />}
      copies={{ cli: 'backlot audit verify' }}
      foot={
        <span className="row spread small second">
          {t('audit.shown', { count: audit.entries.length, all: f.number(audit.size) })}
          {audit.next !== undefined && (
            <span data-key-n="">
              <Button
                plain
                icon={ArrowDown}
                onPress={() => navigate(hrefWith({ after: audit.next }))}
              >
                {t('act.older')}
              </Button>
            </span>
          )}
        </span>
      }
    >
      <Table
        label={t('audit.ledger')}
        rows={audit.entries}
        rowKey={({ position }) => String(position)}
        selected={selected === undefined ? undefined : String(selected)}
        onOpen={open}
        empty={<Empty sentence={t('audit.none')} />}
        columns={useColumns(query)}
      />
    </Panel>
  );
}

function searchOf(query: URLSearchParams): string {
  return query.size > 0 ? `?${query}` : '';
}

function useColumns(query: URLSearchParams): readonly ColumnSpec<Entry>[] {
  const { t, f, href } = useConsole();
  return [
    {
      id: 'position',
      title: t('audit.entry'),
      width: '84px',
      cell: ({ position }) => (
        <Link className="second" href={`${href('audit', position)}${searchOf(query)}`}>
          {f.exact(position)}
        </Link>
      ),
    },
    {
      id: 'at',
      title: t('runs.when'),
      cell: ({ at }) => (
        <span className="second">
          <Clock at={at} />
        </span>
      ),
    },
    {
      id: 'actor',
      title: t('audit.who'),
      cell: ({ actor }) => <bdi className="name">{actor}</bdi>,
    },
    { id: 'action', title: t('audit.did'), cell: ({ action }) => <Act action={action} /> },
    {
      id: 'resource',
      title: t('audit.toWhat'),
      cell: ({ resource }) => <bdi dir="ltr">{resource}</bdi>,
    },
  ];
}

export function Act({ action }: { readonly action: string }) {
  const sign = actSigns.find(([pattern]) => pattern.test(action))?.[1];
  return sign ? (
    <StateMark sign={sign}>
      <bdi dir="ltr">{action}</bdi>
    </StateMark>
  ) : (
    <bdi dir="ltr">{action}</bdi>
  );
}

/** Who and what are chosen among those in sight; a resource is typed. */
function Filters({ entries }: { readonly entries: readonly Entry[] }) {
  const { t } = useConsole();
  const { query } = useAddress();
  const [text, setText] = useState(query.get('resource') ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    navigate(hrefWith({ resource: text || undefined, after: undefined }));
  };
  return (
    <span className="filters">
      <form className="field with-icon" onSubmit={submit}>
        <Search aria-hidden size={14} strokeWidth={1.6} className="icon third" />
        <input
          data-search=""
          aria-label={t('audit.searchResource')}
          placeholder={t('audit.searchResource')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <kbd>/</kbd>
      </form>
      {(['actor', 'action'] as const).map((key) => {
        const chosen = query.get(key) ?? '';
        const values = [...new Set([...entries.map((entry) => entry[key]), chosen])]
          .filter(Boolean)
          .sort();
        return (
          <select
            key={key}
            className="select"
            aria-label={t(key === 'actor' ? 'audit.who' : 'audit.did')}
            value={chosen}
            onChange={(event) =>
              navigate(hrefWith({ [key]: event.target.value || undefined, after: undefined }))
            }
          >
            <option value="">{t(key === 'actor' ? 'audit.who' : 'audit.did')}</option>
            {values.map((value) => (
              <option key={value} value={value}>
                {value}
              </option>
            ))}
          </select>
        );
      })}
    </span>
  );
}
