import type { Principal } from '@backlot/access';
import { type Json, parseDigest } from '@backlot/core';
import {
  type ColumnSources,
  type LineageGraphEdge,
  readLineage,
  readMaking,
  receiveEvents,
} from '@backlot/data';
import * as lineage from '../api/lineage.ts';
import { ServerError } from '../error.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';

/** The graph of lineage, what made a snapshot, and the events that others send. */
export function lineageRoutes(services: Services): readonly Route[] {
  const { metadata } = services;
  return [
    route(lineage.readLineage, async ({ principal, query }) => {
      const { node, columns, ...bounds } = query;
      const graph = await readLineage(metadata, principal.workspace, {
        ...bounds,
        columns: columns === 'yes',
        ...(node !== undefined && { node }),
      });
      return {
        nodes: graph.nodes.map((each) => ({
          ...each,
          fields: each.fields.map((field) => ({ ...field })),
        })),
        edges: graph.edges.map(edgeView),
        truncated: graph.truncated,
      };
    }),
    route(lineage.readMaking, async ({ principal, params }) => {
      const snapshot = parseDigest(params.snapshot);
      const found = await readMaking(metadata, principal.workspace, snapshot);
      if (!found) throw new ServerError('unknownRoute', 'nothing is recorded of that snapshot');
      const { columns: _, inputs, ...making } = found;
      return { ...making, inputs: { ...inputs } };
    }),
    route(lineage.sendLineage, async ({ principal, body }) =>
      Array.isArray(body)
        ? receive(services, principal, body as readonly Json[])
        : receiveOne(services, principal, body as Json),
    ),
    route(lineage.sendLineageBatch, ({ principal, body }) =>
      receive(services, principal, body as readonly Json[]),
    ),
  ];
}

function edgeView({ source, target, columns }: LineageGraphEdge) {
  return { source, target, ...(columns && { columns: columnsView(columns) }) };
}

function columnsView({ columns, rows }: ColumnSources) {
  return {
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, sources]) => [
        name,
        sources.map((each) => ({ ...each })),
      ]),
    ),
    rows: rows.map((each) => ({ ...each })),
  };
}

/** A single event is refused by its status, which is all that some clients look at. */
async function receiveOne(services: Services, principal: Principal, event: Json) {
  const { metadata, io } = services;
  const { refused } = await receiveEvents(metadata, principal, [event], io.clock.now());
  if (refused[0]) throw refused[0].error;
  return outcome(1, []);
}

async function receive(services: Services, principal: Principal, events: readonly Json[]) {
  const { metadata, io } = services;
  const { refused } = await receiveEvents(metadata, principal, events, io.clock.now());
  return outcome(events.length, refused);
}

type Refused = Awaited<ReturnType<typeof receiveEvents>>['refused'];

function outcome(received: number, refused: Refused) {
  const status = refused.length === 0 ? ('success' as const) : ('partial_success' as const);
  const failed = refused.length;
  return {
    ...{ status, summary: { received, successful: received - failed, failed } },
    failed_events: refused.map(({ index, error: { code, reason, place, mend } }) => ({
      ...{ index, reason, retriable: false },
      problem: { code, reason, ...(place && { place }), ...(mend && { mend }) },
    })),
  };
}
