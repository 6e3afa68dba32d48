import type { Io } from '@backlot/core';
import type { Metadata } from '@backlot/store';
import { type Authorize, createAuthorize } from './authorize.ts';
import { Principals } from './principals.ts';
import { Sessions } from './sessions.ts';
import { type Authenticated, Tokens } from './tokens.ts';

/** All of access over one metadata store. */
export interface Access {
  readonly principals: Principals;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly authorize: Authorize;
  /** Who a token (`Authorization: Bearer`) speaks for. */
  authenticate(tokenText: string): Promise<Authenticated | undefined>;
}

/** Opens access over a metadata store that was opened with `accessSchema`. */
export function openAccess(metadata: Metadata, io: Pick<Io, 'clock' | 'random'>): Access {
  const tokens = new Tokens(metadata, io.clock, io.random);
  return {
    principals: new Principals(metadata, io.clock),
    tokens,
    sessions: new Sessions(metadata, io.clock, io.random),
    authorize: createAuthorize(),
    authenticate: (text) => tokens.authenticate(text),
  };
}
