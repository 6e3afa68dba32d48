import { api } from '../api.ts';
import { useConsole } from '../console-context.ts';
import { shortId } from '../format/format.ts';
import type { Kind } from '../places.ts';
import { useQuery } from '../query.ts';

interface Thing {
  readonly title: string;
  readonly href: string;
  readonly kind: Kind;
  /** A word on what it is or how it does. */
  readonly note: string;
}

const minuteMs = 60_000;

/** Every named thing of the project: the local index of palette and breadcrumb. */
export function useThings(): readonly Thing[] {
  const { href } = useConsole();
  const tables = useQuery('tables', api.tables, minuteMs).data?.tables ?? [];
  const pipelines = useQuery('pipelines', api.pipelines, minuteMs).data?.pipelines ?? [];
  const runs = useQuery('runs', () => api.runs({}), minuteMs).data?.runs ?? [];
  const models = useQuery('models', api.models, minuteMs).data?.models ?? [];
  const endpoints = useQuery('endpoints', api.endpoints, minuteMs).data?.endpoints ?? [];
  return [
    ...models.map(({ name, latest }) => ({
      title: name,
      href: href('models', name, latest.version),
      kind: 'models' as const,
      note: `v${latest.version} ${latest.aliases.join(' ')}`.trim(),
    })),
    ...endpoints.map(({ name, deployment }) => ({
      title: name,
      href: href('endpoints', name),
      kind: 'endpoints' as const,
      note: deployment ? `${deployment.model} v${deployment.version}` : '',
    })),
    ...tables.map(({ name }) => ({
      title: name,
      href: href('tables', name),
      kind: 'tables' as const,
      note: '',
    })),
    ...pipelines.map(({ name }) => ({
      title: name,
      href: href('pipelines', name),
      kind: 'pipelines' as const,
      note: '',
    })),
    ...runs.map(({ id, pipeline }) => ({
      title: shortId(id),
      href: href('runs', id),
      kind: 'runs' as const,
      note: pipeline,
    })),
  ];
}

export function useSiblings(kind: Kind): readonly Thing[] {
  return useThings()
    .filter((thing) => thing.kind === kind)
    .slice(0, 20);
}
