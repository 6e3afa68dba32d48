import type { Constraint } from './constraint.ts';
import type { EstimatorDescription } from './estimators.ts';

/**
 * A few lines that fit an estimator and use what came of it, made from what it declares: for pages.
 *
 * @example
 * exampleOf(describeEstimators().find(({ kind }) => kind === 'ridge')!);
 */
export function exampleOf(one: EstimatorDescription): string {
  const parts = partsOf(one);
  const [data, verbs, uses] = one.roles.includes('recommender')
    ? (['plays', ['recommendOne'], recommends] as const)
    : (['train', verbsOf(one), verbsOf(one).map((verb) => `await ${verb}(model, rows);`)] as const);
  const names = ['fit', one.kind, ...verbs, ...parts.names];
  const unique = [...new Set(names)].sort((a, b) => a.localeCompare(b));
  return [
    `import { ${unique.join(', ')} } from 'backlot/learn';`,
    '',
    `const model = await fit(${one.kind}(${parts.text}), ${data}, { seed: 1 });`,
    ...uses,
  ].join('\n');
}

const recommends = ['recommendOne(model, { history: Int32Array.of(3, 17) }, { k: 10 });'];

/** By what it is for; a first one that fits is enough. */
function verbsOf({ roles, kind }: EstimatorDescription): readonly string[] {
  // The only one whose rows have neither an answer of their own nor another shape for new ones.
  if (kind === 'tsne') return ['transform'];
  if (roles.includes('regressor') || roles.includes('classifier')) return ['predict'];
  if (roles.includes('ranker') || roles.includes('clusterer')) return ['predict'];
  if (roles.includes('transformer')) return ['transform'];
  return ['scoreRows'];
}

/** What stands between the parentheses, and the names that it needs. */
function partsOf({ kind, constraints }: EstimatorDescription) {
  const branch = "{ columns: ['age'], estimator: standardScaler() }";
  if (kind === 'chain') {
    return { text: 'standardScaler(), ridge()', names: ['ridge', 'standardScaler'] };
  }
  if (kind === 'columns') return { text: branch, names: ['standardScaler'] };
  const found = Object.entries(constraints).map(([name, one]) => partOf(name, one));
  const first = found.find((one) => one.names.length > 0) ?? found.find((one) => one.text !== '');
  return { text: first?.text ? `{ ${first.text} }` : '', names: first?.names ?? [] };
}

function partOf(name: string, constraint: Constraint) {
  switch (constraint.type) {
    case 'estimator':
      return { text: `${name}: logisticRegression()`, names: ['logisticRegression'] };
    case 'branches': {
      const view = (column: string) =>
        `{ columns: ['${column}'], estimator: logisticRegression() }`;
      return { text: `${name}: [${view('a')}, ${view('b')}]`, names: ['logisticRegression'] };
    }
    case 'integer':
    case 'number':
      return {
        text: constraint.default === null ? '' : `${name}: ${constraint.default}`,
        names: [],
      };
    case 'choice':
      return { text: `${name}: '${constraint.default}'`, names: [] };
    default:
      return { text: '', names: [] };
  }
}
