import { Crosshair } from 'lucide-react';
import type { Lineage, LineageNode } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import type { TracedColumn } from '../graph/trace-column.ts';
import { Button } from '../parts/button.tsx';
import { Code } from '../parts/copy.tsx';
import { Empty, Fact, Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { Ago } from '../parts/time.tsx';
import { hrefWith, Link, navigate, useParam } from '../router.tsx';
import { jobStates } from '../state.ts';
import { CloseDetail } from './close-detail.tsx';

/** A node of the graph: where it belongs, its columns, and what the chosen one is made from. */
export function LineageDetail(props: {
  readonly lineage: Lineage;
  readonly node: LineageNode;
  readonly trace: readonly TracedColumn[] | undefined;
}) {
  const { t, href } = useConsole();
  const { lineage, node, trace } = props;
  const [focus] = useParam('focus');
  const own = !node.external;
  const page =
    node.kind === 'dataset'
      ? href('tables', node.name)
      : href('pipelines', node.name.split('.')[0]!);
  return (
    <Panel
      title={<Code>{node.name}</Code>}
      className="grows"
      aside={node.id === focus ? null : <CloseDetail param="node" />}
    >
      <div className="padded stack">
        {node.kind === 'job' && <Stated stated={jobStates(node.state)} />}
        <dl className="facts">
          <Fact label={t('lineage.kind')}>
            {t(node.kind === 'job' ? 'lineage.job' : 'lineage.dataset')}
          </Fact>
          <Fact label={t('lineage.namespace')}>
            <Code>{node.namespace}</Code>
          </Fact>
          <Fact label={t('lineage.told')}>
            {t(own ? 'lineage.byUs' : 'lineage.byOthers')}, <Ago at={node.at} />
          </Fact>
        </dl>
        <div className="row">
          {node.id !== focus && (
            <Button
              icon={Crosshair}
              onPress={() => navigate(hrefWith({ focus: node.id, node: undefined }))}
            >
              {t('lineage.focus')}
            </Button>
          )}
          {own && (
            <Link className="link" href={page}>
              {t(node.kind === 'job' ? 'lineage.openPipeline' : 'lineage.openTable')}
            </Link>
          )}
        </div>
        {node.kind === 'dataset' && <Columns node={node} focused={focus !== undefined} />}
        {trace && <Trace lineage={lineage} trace={trace} />}
      </div>
    </Panel>
  );
}

function Columns({ node, focused }: { readonly node: LineageNode; readonly focused: boolean }) {
  const { t } = useConsole();
  const [column] = useParam('column');
  if (!focused) return <p className="small second">{t('lineage.focusForColumns')}</p>;
  if (node.fields.length === 0) return <Empty sentence={t('lineage.noColumns')} />;
  return (
    <section>
      <h3 className="small second">{t('lineage.columns')}</h3>
      <ul className="lineage-columns">
        {node.fields.map(({ name, type }) => (
          <li key={name}>
            <button
              type="button"
              aria-pressed={name === column}
              onClick={() =>
                navigate(hrefWith({ node: node.id, column: name === column ? undefined : name }))
              }
            >
              <Code>{name}</Code> {type !== undefined && <span className="second">{type}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Trace({
  lineage,
  trace,
}: {
  readonly lineage: Lineage;
  readonly trace: readonly TracedColumn[];
}) {
  const { t } = useConsole();
  // A provider's data set often has the name of the table that it fills.
  const names = new Map(
    lineage.nodes.map(({ id, name, namespace, external }) => [
      id,
      external ? `${namespace}/${name}` : name,
    ]),
  );
  return (
    <>
      {(['up', 'down'] as const).map((way) => {
        const found = trace.filter((each) => each.way === way);
        return (
          <section key={way}>
            <h3 className="small second">
              {t(way === 'up' ? 'lineage.madeFrom' : 'lineage.makes', { count: found.length })}
            </h3>
            <ul className="lineage-trace small">
              {found.map((each) => (
                <li key={`${each.dataset} ${each.column}`}>
                  <Link
                    className="link"
                    href={hrefWith({ node: each.dataset, column: each.column })}
                  >
                    <Code>{`${names.get(each.dataset) ?? each.dataset}.${each.column}`}</Code>
                  </Link>{' '}
                  <span className="second">
                    {wordOf(each, t)}
                    {each.masking && ` ${t('lineage.masked')}`}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}

const words = {
  IDENTITY: 'lineage.way.identity',
  TRANSFORMATION: 'lineage.way.transformation',
  AGGREGATION: 'lineage.way.aggregation',
  CONDITIONAL: 'lineage.way.conditional',
  FILTER: 'lineage.way.filter',
  GROUP_BY: 'lineage.way.group',
  JOIN: 'lineage.way.join',
  SORT: 'lineage.way.sort',
  WINDOW: 'lineage.way.window',
} as const;

/** Others may have words of their own, which are shown as they came. */
function wordOf({ subtype }: TracedColumn, t: ReturnType<typeof useConsole>['t']): string {
  return Object.hasOwn(words, subtype) ? t(words[subtype as keyof typeof words]) : subtype;
}
