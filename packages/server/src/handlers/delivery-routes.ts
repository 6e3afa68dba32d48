import { type DeliverySummary, listDeliveries, readDelivery } from '@backlot/data';
import type * as z from 'zod';
import * as tables from '../api/tables.ts';
import { ServerError } from '../error.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';

/** Deliveries: to hand one in, to list them, to read a receipt. */
export function deliveryRoutes(services: Services): readonly Route[] {
  const { metadata, objects } = services;
  return [
    route(tables.deliver, async ({ principal, params, query, body }) => {
      const known = services.tables.map(({ name }) => name);
      if (!known.includes(params.table)) {
        throw new ServerError(
          'unknownRoute',
          `there is no such table; known are ${known.join(', ')}`,
        );
      }
      const source = await objects.put(body);
      const run = await services.deliver(principal, { table: params.table, source, ...query });
      return { run, source: source.digest, bytes: source.bytes };
    }),
    route(tables.listDeliveries, async ({ principal, query }) => {
      const { limit, after, table } = query;
      const page = await listDeliveries(metadata, principal.workspace, {
        limit,
        ...(after !== undefined && { after }),
        ...(table !== undefined && { table }),
      });
      return {
        deliveries: page.deliveries.map(deliveryView),
        ...(page.next !== undefined && { next: page.next }),
      };
    }),
    route(tables.readDelivery, async ({ principal, params }) => {
      const found = await readDelivery(metadata, principal.workspace, params.delivery);
      if (!found) throw new ServerError('unknownRoute', 'there is no such delivery here');
      return deliveryView(found);
    }),
  ];
}

function deliveryView(found: DeliverySummary): z.input<typeof tables.deliveryView> {
  const { receipt, receiptDigest, id, run, at } = found;
  return {
    ...{ id, table: receipt.table, status: receipt.status, provider: receipt.provider },
    format: receipt.source.format,
    ...(receipt.source.digest && { source: receipt.source.digest }),
    ...{ rows: receipt.rows, accepted: receipt.accepted, quarantined: receipt.quarantined },
    ...(receipt.snapshot && { snapshot: receipt.snapshot }),
    ...(run !== undefined && { run }),
    ...{ receipt: receiptDigest, at },
    reasons: receipt.reasons.map(({ rule, column, rows, mend }) => ({ rule, column, rows, mend })),
  };
}
