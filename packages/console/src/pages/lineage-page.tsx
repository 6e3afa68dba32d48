import { Search, Table2, Workflow } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { Lineage, LineageNode } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Graph, type GraphItem } from '../graph/graph.tsx';
import { type TracedColumn, traceColumn } from '../graph/trace-column.ts';
import { Code } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { hrefWith, navigate, useParam } from '../router.tsx';
import { jobStates } from '../state.ts';
import { LineageDetail } from './lineage-detail.tsx';

const reaches = ['1', '2', '4', '50'] as const;

/** What is this made from, and what is made from it? */
export function LineagePage() {
  const { t, f } = useConsole();
  const [focus] = useParam('focus');
  const [reach = '4'] = useParam('reach');
  const [column] = useParam('column');
  const question = focus === undefined ? {} : { node: focus, up: reach, down: reach };
  const query = useQuery(`lineage ${focus ?? ''} ${reach}`, () =>
    api.lineage({ ...question, limit: 10_000, columns: focus === undefined ? 'no' : 'yes' }),
  );
  const { data } = query;
  const [node] = useParam('node');
  const picked = data?.nodes.find(({ id }) => id === (node ?? focus));
  const trace =
    data && picked && column !== undefined ? traceColumn(data, picked.id, column) : undefined;
  const path = focus === undefined ? '/lineage' : `/lineage?node=${encodeURIComponent(focus)}`;
  return (
    <Page
      title={t('rail.lineage')}
      sentence={
        data &&
        t(focus === undefined ? 'lineage.sentence' : 'lineage.focused', {
          count: data.nodes.length,
          number: f.number(data.nodes.length),
        })
      }
      command={apiCommand(path)}
      full
    >
      <div className={picked ? 'with-side side-360' : 'stack'}>
        <Panel
          title={t('lineage.graph')}
          className="grows"
          aside={<Aside data={data} focus={focus} reach={reach} />}
          copies={{ cli: apiCommand(path) }}
          twin={data && <Twin data={data} />}
        >
          <Answered query={query}>
            {(lineage) => <Drawn lineage={lineage} picked={picked} trace={trace} />}
          </Answered>
        </Panel>
        {data && picked && <LineageDetail lineage={data} node={picked} trace={trace} />}
      </div>
    </Page>
  );
}

/** How far to go from the node in focus, and a search over all names. */
function Aside(props: {
  readonly data: Lineage | undefined;
  readonly focus: string | undefined;
  readonly reach: string;
}) {
  const { t, f } = useConsole();
  const { data, focus, reach } = props;
  return (
    <span className="lineage-aside">
      {focus !== undefined && (
        <>
          <Segments
            label={t('lineage.reach')}
            current={reach}
            onSelect={(id) => navigate(hrefWith({ reach: id }))}
            segments={reaches.map((id) => ({
              id,
              title: id === '50' ? t('lineage.reachAll') : f.number(Number(id)),
            }))}
          />
          <button
            type="button"
            className="button"
            onClick={() => navigate(hrefWith({ focus: undefined, column: undefined }))}
          >
            {t('lineage.whole')}
          </button>
        </>
      )}
      {data && <Finder data={data} />}
    </span>
  );
}

function Finder({ data }: { readonly data: Lineage }) {
  const { t } = useConsole();
  const [text, setText] = useState('');
  const find = (wanted: string): void => {
    setText(wanted);
    const name = wanted.trim().toLowerCase();
    if (name === '') return;
    const found =
      data.nodes.find((each) => each.name.toLowerCase() === name) ??
      data.nodes.find((each) => each.name.toLowerCase().startsWith(name)) ??
      data.nodes.find((each) => each.name.toLowerCase().includes(name));
    if (found) navigate(hrefWith({ node: found.id, column: undefined }), { replace: true });
  };
  return (
    <label className="lineage-find">
      <Search aria-hidden size={14} strokeWidth={1.6} className="icon" />
      <input
        data-search=""
        type="search"
        aria-label={t('lineage.find')}
        placeholder={t('lineage.find')}
        value={text}
        onChange={({ target }) => find(target.value)}
      />
    </label>
  );
}

function Drawn(props: {
  readonly lineage: Lineage;
  readonly picked: LineageNode | undefined;
  readonly trace: readonly TracedColumn[] | undefined;
}) {
  const { t } = useConsole();
  const { lineage, picked, trace } = props;
  if (lineage.nodes.length === 0) return <Empty sentence={t('lineage.none')} />;
  const kinds = new Map(lineage.nodes.map((each) => [each.id, each] as const));
  return (
    <>
      {lineage.truncated && <p className="padded small second">{t('lineage.truncated')}</p>}
      <Graph
        label={t('lineage.graph')}
        nodes={itemsOf(lineage, picked, trace)}
        selected={picked?.id}
        onPick={(id) => navigate(hrefWith({ node: id, column: undefined }))}
        maxHeight={620}
        zoomable
        note={({ id }) => noteOf(kinds.get(id), t)}
      />
    </>
  );
}

function noteOf(node: LineageNode | undefined, t: ReturnType<typeof useConsole>['t']): string {
  if (node?.external) return node.namespace;
  return t(node?.kind === 'job' ? 'lineage.job' : 'lineage.dataset');
}

/** While a column is looked at, what it does not touch is pale. */
function itemsOf(
  lineage: Lineage,
  picked: LineageNode | undefined,
  trace: readonly TracedColumn[] | undefined,
): readonly GraphItem[] {
  const upstream = Map.groupBy(lineage.edges, ({ target }) => target);
  const touched = trace && touchedNodes(lineage, picked?.id, trace);
  return lineage.nodes.map((node) => ({
    id: node.id,
    title: node.name,
    upstream: (upstream.get(node.id) ?? []).map(({ source }) => source),
    stated:
      node.kind === 'job' ? jobStates(node.state) : { sign: 'cached', word: 'lineage.dataset' },
    icon: node.kind === 'job' ? jobIcon : datasetIcon,
    ...(touched && !touched.has(node.id) && { pale: true }),
  }));
}

const jobIcon = <Workflow aria-hidden size={13} strokeWidth={1.6} className="icon" />;
const datasetIcon = <Table2 aria-hidden size={13} strokeWidth={1.6} className="icon" />;

/** Data sets of the columns, and jobs between two of them. */
function touchedNodes(
  lineage: Lineage,
  picked: string | undefined,
  trace: readonly TracedColumn[],
): ReadonlySet<string> {
  const datasets = new Set([picked, ...trace.map(({ dataset }) => dataset)]);
  const reads = new Set(
    lineage.edges.filter(({ source }) => datasets.has(source)).map(({ target }) => target),
  );
  const jobs = lineage.edges
    .filter(({ source, target }) => reads.has(source) && datasets.has(target))
    .map(({ source }) => source);
  return new Set([...datasets, ...jobs].filter((id) => id !== undefined));
}

function Twin({ data }: { readonly data: Lineage }) {
  const { t, f } = useConsole();
  const names = new Map(data.nodes.map(({ id, name }) => [id, name] as const));
  const upstream = Map.groupBy(data.edges, ({ target }) => target);
  return (
    <Table
      label={t('lineage.graph')}
      rows={data.nodes.slice(0, 500)}
      rowKey={({ id }) => id}
      columns={[
        { id: 'name', title: t('lineage.name'), cell: ({ name }) => <Code>{name}</Code> },
        {
          id: 'kind',
          title: t('lineage.kind'),
          cell: ({ kind }) => t(kind === 'job' ? 'lineage.job' : 'lineage.dataset'),
        },
        {
          id: 'namespace',
          title: t('lineage.namespace'),
          cell: (node) => <Code>{node.namespace}</Code>,
        },
        {
          id: 'upstream',
          title: t('run.after'),
          cell: ({ id }) => (
            <bdi>
              {f.list((upstream.get(id) ?? []).map(({ source }) => names.get(source) ?? ''))}
            </bdi>
          ),
        },
      ]}
    />
  );
}
