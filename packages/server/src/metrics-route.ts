import * as z from 'zod';
import { contract } from './contract.ts';
import { Metrics, openMetricsType } from './metrics.ts';
import { type Route, route } from './route.ts';

export const metricsContract = contract({
  id: 'metrics.read',
  method: 'GET',
  path: '/metrics',
  summary: 'Counters and latencies as OpenMetrics text',
  permission: { action: 'metrics.read' },
  stream: 'text',
  mediaType: openMetricsType,
  result: z.string(),
  limits: { bodyBytes: 0, timeoutMs: 5_000 },
});

/** The metrics as a route; a scraper sends a token like everyone else. */
export function metricsRoute(
  metrics: Metrics,
  /** What is told of the asker's workspace besides. */
  ofWorkspace: (workspace: string) => Metrics = () => new Metrics(),
): Route {
  return route(metricsContract, ({ scope }) => metrics.text(ofWorkspace(scope.workspace)));
}
