import type { Endpoint } from '@backlot/serving';
import { Metrics } from '../metrics.ts';

/** Counts and latencies of endpoints, as they are when they are asked for. */
export function endpointMetrics(endpoints: readonly Endpoint[]): Metrics {
  const metrics = new Metrics();
  const gauge = (
    name: string,
    help: string,
    read: (endpoint: Endpoint) => number | undefined,
  ): void =>
    metrics.gauges(`backlot_endpoint_${name}`, help, ['endpoint'], () =>
      endpoints.flatMap((endpoint) => {
        const value = read(endpoint);
        return value === undefined ? [] : [{ labels: { endpoint: endpoint.name }, value }];
      }),
    );
  gauge('requests', 'Questions since the process began', (one) => one.figures().requests);
  gauge('errors', 'Questions that were not answered', (one) => one.figures().errors);
  gauge('p50_milliseconds', 'Median of the last 2,048 answers', (one) => one.figures().p50Ms);
  gauge(
    'p99_milliseconds',
    '99th percentile of the last 2,048 answers',
    (one) => one.figures().p99Ms,
  );
  gauge('serving', '1 while an approved model is loaded', (one) => Number(one.state === 'serving'));
  return metrics;
}
