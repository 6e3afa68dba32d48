import { BacklotError } from '@backlot/core';
import {
  type Constraint,
  describeConstraint,
  describeEstimators,
  type EstimatorDescription,
  exampleOf,
} from '@backlot/learn';
import type { CommandCall } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';

/** No estimator of that name. */
class NoSuchEstimator extends BacklotError {
  constructor(kind: string) {
    super({
      code: 'E-BACKLOT-025',
      kind: 'notFound',
      reason: `there is no estimator ${JSON.stringify(kind.slice(0, 60))}`,
      mend: 'backlot explain estimator lists all',
    });
  }
}

/** `backlot explain estimator [KIND]`: reference pages from what each estimator declares of itself. */
export async function run({ args, options, output }: CommandCall): Promise<undefined> {
  const all = describeEstimators();
  const [kind] = args;
  const markdown = options.markdown === true;
  if (kind === undefined && markdown) {
    output.result(all, inOrder(all).flatMap(markdownPage));
    return;
  }
  if (kind === undefined) {
    output.result(all.map(summaryOf), listed(all));
    output.say('one of them: backlot explain estimator NAME');
    return;
  }
  const found = await suggesting(
    kind,
    async () => all.map((one) => one.kind),
    async () => {
      const one = all.find((estimator) => estimator.kind === kind);
      if (!one) throw new NoSuchEstimator(kind);
      return one;
    },
  );
  output.result(found, markdown ? markdownPage(found) : page(found));
}

function summaryOf({ kind, family, roles, summary, onnx }: EstimatorDescription) {
  return { kind, family, roles, summary, onnx };
}

/** By family, in the order of their names. */
function listed(all: readonly EstimatorDescription[]): readonly string[] {
  const families = [...new Set(all.map(({ family }) => family))].sort();
  return families.flatMap((family) => {
    const own = all.filter((one) => one.family === family);
    own.sort((a, b) => (a.kind < b.kind ? -1 : 1));
    return [family, ...table(own.map(({ kind, summary }) => [`  ${kind}`, summary])), ''];
  });
}

function page(one: EstimatorDescription): readonly string[] {
  const parameters = Object.entries(one.constraints);
  return [
    `${one.kind}: ${one.summary}`,
    '',
    ...table([
      ['family', one.family],
      ['for', one.roles.join(', ')],
      ['takes', one.accepts.join(', ')],
      ['missing numbers', one.missing ? 'allowed' : 'refused'],
      ['ONNX', one.onnx ? 'yes' : 'no'],
    ]),
    '',
    parameters.length === 0 ? 'It has no parameters.' : 'parameters',
    ...parameters.flatMap(([name, constraint]) => parameter(name, constraint)),
    '',
    'example',
    ...exampleOf(one)
      .split('\n')
      .map((line) => `  ${line}`.trimEnd()),
  ];
}

function parameter(name: string, constraint: Constraint): readonly string[] {
  const { summary } = constraint;
  const standard = JSON.stringify(constraint.default);
  return [
    `  ${name}`,
    `    ${summary}`,
    `    ${describeConstraint(constraint)}; ${standard} by default`,
  ];
}

function inOrder(all: readonly EstimatorDescription[]): readonly EstimatorDescription[] {
  const place = ({ family, kind }: EstimatorDescription): string => `${family} ${kind}`;
  return all.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** The same page for a site or a repository. */
function markdownPage(one: EstimatorDescription): readonly string[] {
  const parameters = Object.entries(one.constraints);
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const row = ([name, constraint]: readonly [string, Constraint]): string => {
    const { summary } = constraint;
    const standard = `\`${cell(JSON.stringify(constraint.default))}\``;
    return `| \`${name}\` | ${cell(summary)} | ${cell(describeConstraint(constraint))} | ${standard} |`;
  };
  return [
    `## ${one.kind}`,
    '',
    one.summary,
    '',
    `- Family: ${one.family}; for: ${one.roles.join(', ')}`,
    `- Takes: ${one.accepts.join(', ')}; missing numbers ${one.missing ? 'allowed' : 'refused'}`,
    `- ONNX: ${one.onnx ? 'yes' : 'no'}`,
    '',
    ...(parameters.length === 0
      ? ['It has no parameters.']
      : ['| parameter | what it does | allowed | default |', '| --- | --- | --- | --- |']),
    ...parameters.map(row),
    '',
    '```ts',
    exampleOf(one),
    '```',
    '',
  ];
}
