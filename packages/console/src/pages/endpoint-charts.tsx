import { apiCommand } from '../api-command.ts';
import type { Endpoint } from '../api-types.ts';
import { Legend, LineChart, type Series } from '../charts/line-chart.tsx';
import { useConsole } from '../console-context.ts';
import { Empty, Panel } from '../parts/panel.tsx';
import { Table } from '../parts/table.tsx';

const chartHeight = 196;
const minuteMs = 60_000;

/** One slot for every minute of the span, so that a minute without requests is a gap and no line. */
function slots({ minutes }: Endpoint) {
  const first = minutes[0]?.at;
  const last = minutes.at(-1)?.at;
  if (first === undefined || last === undefined) return [];
  const byMinute = new Map(
    minutes.map((minute) => [Math.round((minute.at - first) / minuteMs), minute]),
  );
  return Array.from({ length: Math.round((last - first) / minuteMs) + 1 }, (_, index) => ({
    at: first + index * minuteMs,
    minute: byMinute.get(index),
  }));
}

/** Latency by minute with its limit. */
export function LatencyPanel({ endpoint }: { readonly endpoint: Endpoint }) {
  const { t, f } = useConsole();
  const found = slots(endpoint);
  const series: readonly Series[] = [
    {
      name: 'p99',
      colour: 'series-1',
      strong: true,
      values: found.map(({ minute }) => minute?.p99Ms ?? null),
    },
    { name: 'p50', colour: 'series-5', values: found.map(({ minute }) => minute?.p50Ms ?? null) },
  ];
  const { limitMs } = endpoint.latency;
  const print = f.rate;
  return (
    <Panel
      title={t('endpoint.latency')}
      aside={<Legend series={series} print={print} />}
      copies={{ cli: apiCommand(`/endpoints/${endpoint.name}`) }}
      twin={<MinutesTable endpoint={endpoint} />}
    >
      {found.length < 2 ? (
        <TooEarly />
      ) : (
        <LineChart
          summary={t('endpoint.latencySummary', {
            limit: f.duration(limitMs),
            p99: print(endpoint.latency.p99Ms ?? 0),
          })}
          times={found.map(({ at }) => at)}
          series={series}
          limit={{ value: limitMs, label: t('endpoint.limitOf', { limit: f.number(limitMs) }) }}
          height={chartHeight}
          print={print}
        />
      )}
    </Panel>
  );
}

/** Requests a second by minute. */
export function LoadPanel({ endpoint }: { readonly endpoint: Endpoint }) {
  const { t, f } = useConsole();
  const found = slots(endpoint);
  const version = endpoint.deployment ? `v${endpoint.deployment.version}` : endpoint.name;
  const series: readonly Series[] = [
    {
      name: version,
      colour: 'series-1',
      area: true,
      values: found.map(({ minute }) => (minute ? minute.requests / 60 : 0)),
    },
  ];
  const print = f.rate;
  return (
    <Panel
      title={t('endpoint.load')}
      aside={<Legend series={series} print={print} />}
      copies={{ cli: apiCommand(`/endpoints/${endpoint.name}`) }}
      twin={<MinutesTable endpoint={endpoint} />}
    >
      {found.length < 2 ? (
        <TooEarly />
      ) : (
        <LineChart
          summary={t('endpoint.loadSummary', { requests: f.number(endpoint.latency.requests) })}
          times={found.map(({ at }) => at)}
          series={series}
          height={chartHeight}
          print={print}
        />
      )}
    </Panel>
  );
}

function TooEarly() {
  const { t } = useConsole();
  return <Empty sentence={t('endpoint.tooEarly')} />;
}

function MinutesTable({ endpoint }: { readonly endpoint: Endpoint }) {
  const { t, f } = useConsole();
  return (
    <div className="twin-scroll">
      <Table
        label={t('endpoint.latency')}
        rows={endpoint.minutes.toReversed()}
        rowKey={({ at }) => String(at)}
        columns={[
          { id: 'at', title: t('runs.when'), cell: ({ at }) => f.minute(at) },
          {
            id: 'requests',
            title: t('endpoints.requests'),
            end: true,
            cell: ({ requests }) => f.exact(requests),
          },
          {
            id: 'errors',
            title: t('endpoints.errors'),
            end: true,
            cell: ({ errors }) => f.exact(errors),
          },
          { id: 'p50', title: 'p50', end: true, cell: ({ p50Ms }) => f.duration(p50Ms) },
          { id: 'p99', title: 'p99', end: true, cell: ({ p99Ms }) => f.duration(p99Ms) },
        ]}
      />
    </div>
  );
}
