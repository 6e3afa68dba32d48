import { openInferencePort } from '@backlot/serving';
import type { Metrics } from '../metrics.ts';
import { metricsRoute } from '../metrics-route.ts';
import { openApiRoute } from '../openapi.ts';
import { feastRoutes } from '../protocols/feast-routes.ts';
import { openInferenceRoutes } from '../protocols/open-inference-routes.ts';
import type { Route } from '../route.ts';
import { attemptRoutes } from './attempt-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { backfillRoutes } from './backfill-routes.ts';
import { endpointMetrics } from './endpoint-metrics.ts';
import { endpointRoutes } from './endpoint-routes.ts';
import { estimatorRoutes } from './estimator-routes.ts';
import { featureRoutes } from './feature-routes.ts';
import { homeRoutes } from './home-routes.ts';
import { lineageRoutes } from './lineage-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { qualityRoutes } from './quality-routes.ts';
import { runRoutes } from './run-routes.ts';
import type { Services } from './services.ts';
import { sessionRoutes } from './session-routes.ts';
import { stateRoutes } from './state-routes.ts';
import { tableRoutes } from './table-routes.ts';
import { tokenRoutes } from './token-routes.ts';

/** Every route of a Backlot server. */
export function apiRoutes(services: Services, metrics: Metrics): readonly Route[] {
  const port = openInferencePort({
    endpoints: services.endpoints,
    pseudonymiser: services.pseudonymiser,
  });
  const routes = [
    ...sessionRoutes(services),
    ...homeRoutes(services),
    ...tableRoutes(services),
    ...qualityRoutes(services),
    ...lineageRoutes(services),
    ...runRoutes(services),
    ...backfillRoutes(services),
    ...attemptRoutes(services),
    ...modelRoutes(services),
    ...estimatorRoutes(),
    ...endpointRoutes(services),
    ...featureRoutes(services),
    ...auditRoutes(services),
    ...tokenRoutes(services),
    ...stateRoutes(services),
    metricsRoute(metrics, (workspace) => endpointMetrics(services.endpoints.list(workspace))),
    ...openInferenceRoutes(port, services.version),
    ...feastRoutes(services),
  ];
  return [
    ...routes,
    openApiRoute(
      routes.map(({ contract }) => contract),
      services.version,
    ),
  ];
}
