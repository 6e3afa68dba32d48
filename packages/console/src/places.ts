import type { LucideIcon } from 'lucide-react';
import {
  Boxes,
  Grid2x2Check,
  House,
  LifeBuoy,
  ListTree,
  PackageCheck,
  RadioTower,
  ScrollText,
  Settings2,
  Sigma,
  Table2,
  UserRoundCheck,
  Waypoints,
  Workflow,
} from 'lucide-react';
import type { MessageKey } from './i18n/catalogue-en.ts';

const kinds = [
  'home',
  'reviews',
  'tables',
  'deliveries',
  'features',
  'lineage',
  'pipelines',
  'runs',
  'models',
  'estimators',
  'endpoints',
  'audit',
  'settings',
  'help',
] as const;

/** The kinds of pages, in the order of the rail. */
export type Kind = (typeof kinds)[number];

export interface PlaceOf {
  readonly kind: Kind;
  readonly icon: LucideIcon;
  readonly title: MessageKey;
  /** Pressed after `g`. */
  readonly key?: string;
  readonly section?: 'data' | 'build' | 'ship' | 'govern';
  /** Of the workspace, not of one project. */
  readonly wide?: boolean;
}

export const places: readonly PlaceOf[] = [
  { kind: 'home', icon: House, title: 'rail.home', key: 'h', wide: true },
  { kind: 'reviews', icon: UserRoundCheck, title: 'rail.reviews', key: 'v', wide: true },
  { kind: 'tables', icon: Table2, title: 'rail.tables', key: 't', section: 'data' },
  { kind: 'deliveries', icon: PackageCheck, title: 'rail.deliveries', key: 'd', section: 'data' },
  { kind: 'features', icon: Grid2x2Check, title: 'rail.features', key: 'f', section: 'data' },
  { kind: 'lineage', icon: Waypoints, title: 'rail.lineage', key: 'l', section: 'data' },
  { kind: 'pipelines', icon: Workflow, title: 'rail.pipelines', key: 'p', section: 'build' },
  { kind: 'runs', icon: ListTree, title: 'rail.runs', key: 'r', section: 'build' },
  { kind: 'models', icon: Boxes, title: 'rail.models', key: 'm', section: 'build' },
  {
    kind: 'estimators',
    icon: Sigma,
    title: 'rail.estimators',
    key: 'k',
    section: 'build',
    wide: true,
  },
  { kind: 'endpoints', icon: RadioTower, title: 'rail.endpoints', key: 'e', section: 'ship' },
  { kind: 'audit', icon: ScrollText, title: 'rail.audit', key: 'a', section: 'govern', wide: true },
  { kind: 'settings', icon: Settings2, title: 'rail.settings', wide: true },
  { kind: 'help', icon: LifeBuoy, title: 'rail.help', wide: true },
];

/** What an address names. */
export interface Place {
  readonly workspace: string | undefined;
  readonly project: string | undefined;
  readonly kind: Kind;
  /** The thing's own parts, such as a run's id or a model and its version. */
  readonly rest: readonly string[];
}

const wideKinds = new Set(places.filter((place) => place.wide).map((place) => place.kind));

/** `/{workspace}`, `/{workspace}/audit/48204` or `/{workspace}/{project}/runs/7f3a91c`. */
export function placeOf(parts: readonly string[]): Place | undefined {
  const [workspace, second, third, ...rest] = parts;
  if (second === undefined) return { workspace, project: undefined, kind: 'home', rest: [] };
  if (wideKinds.has(second as Kind)) {
    return {
      workspace,
      project: undefined,
      kind: second as Kind,
      rest: third === undefined ? [] : [third, ...rest],
    };
  }
  if (third === undefined) return { workspace, project: second, kind: 'home', rest: [] };
  const known = places.find((place) => place.kind === third && !place.wide);
  return known && { workspace, project: second, kind: known.kind, rest };
}

/** Builds addresses within a workspace and a project. */
export function hrefs(workspace: string, project: string) {
  return (kind: Kind, ...rest: readonly (string | number)[]): string => {
    const head = kind === 'home' ? [workspace] : [workspace, kind];
    const path = wideKinds.has(kind) ? head : [workspace, project, kind];
    return `/${[...path, ...rest].map((part) => encodeURIComponent(String(part))).join('/')}`;
  };
}
