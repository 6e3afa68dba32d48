import type { Table } from '@backlot/data';
import type { FeatureView } from '@backlot/features';
import type { Pipeline } from '@backlot/pipelines';
import type { Project } from '../project.ts';
import { filmRatings, films } from '../solutions/film-tables.ts';
import { deliverFile, filmRecommend, storeRecommend } from '../solutions/recommend-pipelines.ts';
import { storeAccounts, storeItems, storePlays } from '../solutions/store-tables.ts';

/** What a project runs on: its own definitions, then the reference solutions that it does not name. */
export interface ProjectDefinitions {
  readonly tables: readonly Table[];
  readonly pipelines: readonly Pipeline[];
  readonly features: readonly FeatureView[];
}

const referenceTables: readonly Table[] = [
  storeItems,
  storeAccounts,
  storePlays,
  films,
  filmRatings,
];
const referencePipelines: readonly Pipeline[] = [deliverFile, storeRecommend, filmRecommend];

export function definitionsOf(project: Project): ProjectDefinitions {
  return {
    tables: joined(project.tables ?? [], referenceTables),
    pipelines: joined(project.pipelines ?? [], referencePipelines),
    features: project.features ?? [],
  };
}

function joined<T extends { readonly name: string }>(
  own: readonly T[],
  more: readonly T[],
): readonly T[] {
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...more.filter(({ name }) => !names.has(name))];
}
