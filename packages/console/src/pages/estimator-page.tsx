import { type FormEvent, useState } from 'react';
import { api } from '../api.ts';
import type { Estimator, EstimatorParameter, Estimators } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Code } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Fact, Panel } from '../parts/panel.tsx';
import { Table } from '../parts/table.tsx';
import { useScrollFocus } from '../parts/use-scroll-focus.ts';
import { useQuery } from '../query.ts';
import { hrefWith, navigate, useAddress } from '../router.tsx';

/** They change with the program alone. */
const refreshMs = 600_000;

/** What does this estimator take, and what may each of its parameters be? */
export function EstimatorPage({ kind }: { readonly kind: string }) {
  const { t } = useConsole();
  const { query: address } = useAddress();
  const size = {
    rows: address.get('rows') ?? undefined,
    columns: address.get('columns') ?? undefined,
  };
  const key = `estimators ${size.rows} ${size.columns}`;
  const query = useQuery(key, () => api.estimators(size), refreshMs);
  const one = query.data?.estimators.find((each) => each.kind === kind);
  const command = `backlot explain estimator ${kind}`;
  return (
    <Page
      title={<bdi dir="ltr">{kind}</bdi>}
      sentence={one && <bdi dir="ltr">{one.summary}</bdi>}
      command={command}
    >
      <Answered query={query}>
        {(all) =>
          one ? (
            <>
              <Facts all={all} one={one} />
              <Parameters one={one} command={command} />
              <Example one={one} />
            </>
          ) : (
            <Empty sentence={t('estimators.unknown', { kind })} />
          )
        }
      </Answered>
    </Page>
  );
}

function Facts({ all, one }: { readonly all: Estimators; readonly one: Estimator }) {
  const { t, f } = useConsole();
  return (
    <Panel title={t('estimators.facts')} aside={<Size all={all} one={one} />}>
      <dl className="facts padded estimator-facts">
        <Fact label={t('estimators.family')}>
          <bdi dir="ltr">{one.family}</bdi>
        </Fact>
        <Fact label={t('estimators.roles')}>
          <bdi dir="ltr">{one.roles.join(', ')}</bdi>
        </Fact>
        <Fact label={t('estimators.accepts')}>
          <bdi dir="ltr">{one.accepts.join(', ')}</bdi>
        </Fact>
        <Fact label={t('estimators.missing')}>
          {t(one.missing ? 'estimators.allowed' : 'estimators.refused')}
        </Fact>
        <Fact label="ONNX">{t(one.onnx ? 'estimators.yes' : 'estimators.no')}</Fact>
        <Fact label={t('estimators.memory')}>
          {one.memory === undefined
            ? t('estimators.ofItsParts')
            : t('estimators.atMost', { bytes: f.bytes(one.memory) })}
        </Fact>
      </dl>
    </Panel>
  );
}

/** The size that the memory is stated for; it is in the address. */
function Size({ all, one }: { readonly all: Estimators; readonly one: Estimator }) {
  const { t } = useConsole();
  const [rows, setRows] = useState(String(all.rows));
  const [columns, setColumns] = useState(String(all.columns));
  const recommends = one.accepts.includes('interactions');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    navigate(hrefWith({ rows, columns }));
  };
  const field = (label: string, value: string, change: (value: string) => void) => (
    <label className="small">
      {label}{' '}
      <input
        type="number"
        min={1}
        required
        dir="ltr"
        value={value}
        onChange={({ target }) => change(target.value)}
      />
    </label>
  );
  return (
    <form className="filters estimator-size" onSubmit={submit}>
      {field(t(recommends ? 'estimators.users' : 'estimators.rows'), rows, setRows)}
      {field(t(recommends ? 'estimators.items' : 'estimators.columns'), columns, setColumns)}
      <button type="submit" className="button">
        {t('estimators.state')}
      </button>
    </form>
  );
}

function Parameters({ one, command }: { readonly one: Estimator; readonly command: string }) {
  const { t, f } = useConsole();
  return (
    <Panel
      title={t('run.parameters')}
      aside={<span className="third small">{f.number(one.parameters.length)}</span>}
      copies={{ cli: command }}
    >
      <Table
        label={t('run.parameters')}
        rows={one.parameters}
        rowKey={({ name }) => name}
        empty={<Empty sentence={t('estimators.noParameters')} />}
        columns={[
          {
            id: 'name',
            title: t('estimators.parameter'),
            cell: ({ name }) => (
              <b className="name">
                <Code>{name}</Code>
              </b>
            ),
          },
          {
            id: 'summary',
            title: t('estimators.does'),
            cell: ({ summary }) => <bdi dir="ltr">{summary}</bdi>,
          },
          {
            id: 'allowed',
            title: t('estimators.allows'),
            cell: ({ allowed }) => <bdi dir="ltr">{allowed}</bdi>,
          },
          {
            id: 'default',
            title: t('estimators.default'),
            cell: (row: EstimatorParameter) => <Code>{JSON.stringify(row.default)}</Code>,
          },
        ]}
      />
    </Panel>
  );
}

function Example({ one }: { readonly one: Estimator }) {
  const { t } = useConsole();
  const text = useScrollFocus<HTMLPreElement>();
  return (
    <Panel title={t('estimators.example')} copies={{ code: one.example }}>
      <pre className="card-text" dir="ltr" ref={text}>
        {one.example}
      </pre>
    </Panel>
  );
}
