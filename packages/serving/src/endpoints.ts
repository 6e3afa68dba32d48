import type { Endpoint } from './endpoint.ts';
import { UnknownEndpoint } from './error.ts';

/** The endpoints of a process, by workspace and name. */
export class Endpoints {
  readonly #held = new Map<string, Map<string, Endpoint>>();

  add(workspace: string, endpoint: Endpoint): void {
    const own = this.#held.get(workspace) ?? new Map<string, Endpoint>();
    own.set(endpoint.name, endpoint);
    this.#held.set(workspace, own);
  }

  /** The endpoint of that name, `UnknownEndpoint` when the workspace has none. */
  get(workspace: string, name: string): Endpoint {
    const found = this.#held.get(workspace)?.get(name);
    if (!found) throw new UnknownEndpoint();
    return found;
  }

  /** A workspace's endpoints, by name. */
  list(workspace: string): readonly Endpoint[] {
    const own = this.#held.get(workspace)?.values() ?? [];
    return [...own].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
