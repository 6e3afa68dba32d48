import type { Clock } from '@backlot/core';
import { listEndpoints, type Registry } from '@backlot/registry';
import { Endpoint, type Endpoints, type PredictionLog } from '@backlot/serving';
import type { Metadata, Objects } from '@backlot/store';
import { localWorkspace } from './people.ts';

interface EndpointParts {
  readonly metadata: Metadata;
  readonly registry: Registry;
  readonly endpoints: Endpoints;
  readonly objects: Objects;
  readonly log: PredictionLog;
  readonly clock: Clock;
}

/** Loads what each endpoint serves; one whose approval no longer holds says why and serves nothing. */
export async function loadEndpoints(parts: EndpointParts): Promise<void> {
  for (const { endpoint } of await listEndpoints(parts.metadata, localWorkspace)) {
    await endpointNamed(parts, endpoint).check();
  }
}

/** The endpoint of a name, made when there is none yet; nothing is loaded by this. */
export function endpointNamed(parts: EndpointParts, name: string): Endpoint {
  const { registry, endpoints, objects, log, clock } = parts;
  const held = endpoints.list(localWorkspace).find((endpoint) => endpoint.name === name);
  if (held) return held;
  const verify = () => registry.verify(localWorkspace, name);
  const made = new Endpoint({ workspace: localWorkspace, name, verify, objects, log, clock });
  endpoints.add(localWorkspace, made);
  return made;
}
