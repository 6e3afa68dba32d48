import { realIo } from '@backlot/core';
import { metadataSuite, noPostgres, type PostgresServer, startPostgres } from '@backlot/testing';
import { openPostgresMetadata } from './postgres-metadata.ts';

const skip = noPostgres();
const { clock } = realIo();
let server: PostgresServer;
let places = 0;

metadataSuite(
  'postgres',
  async () => {
    const url = server.url(`suite_${places++}`);
    return {
      open: (schemas, onStep) =>
        openPostgresMetadata({ url, clock, schemas, connections: 2, ...(onStep && { onStep }) }),
      remove: async () => undefined,
    };
  },
  {
    skip,
    start: async () => {
      server = await startPostgres();
    },
    stop: async () => server.stop(),
  },
);
