import type { Principal } from '@backlot/access';
import type { Resource } from './principal.ts';

/** What a request showed of itself. */
export interface Credential {
  readonly kind: 'bearer' | 'session';
  readonly secret: string;
}

/** Who holds a credential now, or `undefined`; it is asked at each request and while streams last. */
export type Authenticate = (credential: Credential) => Promise<Principal | undefined>;

/** Asks the policies. An answer that is not `allowed: true` is a denial. */
export type Authorize = (
  principal: Principal,
  action: string,
  resource: Resource,
  context: { readonly purpose?: string; readonly route: string },
) => Promise<{ readonly allowed: boolean; readonly rule?: string; readonly reason?: string }>;

/** What the listener tells: typed facts alone, never a body, a path with ids, or a header. */
export type ServerEvent =
  | {
      readonly event: 'answered';
      readonly requestId: string;
      readonly route: string;
      readonly method: string;
      readonly status: number;
      readonly ms: number;
      readonly principal?: string;
      readonly code?: string;
    }
  | { readonly event: 'failed'; readonly requestId: string; readonly error: unknown }
  | { readonly event: 'port-taken'; readonly asked: number; readonly port: number }
  | { readonly event: 'listening'; readonly address: string }
  | { readonly event: 'closed'; readonly drained: boolean; readonly ms: number };

export type Log = (event: ServerEvent) => void;
