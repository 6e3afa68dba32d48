import { BacklotError } from '@backlot/core';
import type { VersionView } from '@backlot/server/client';
import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { BadOption, countOf } from './bad-option.ts';
import { connected } from './connected.ts';
import { namesOf } from './models.ts';
import { moment } from './show.ts';

/** There is nothing to sign: the version was never proposed. */
class NotProposed extends BacklotError {
  constructor(model: string, version: number) {
    super({
      code: 'E-BACKLOT-021',
      kind: 'refused',
      reason: 'the version is not proposed for an endpoint, so there is nothing to sign',
      place: `model/${model}/${version}`,
      mend: `backlot models ${model} lists what is proposed`,
    });
  }
}

/**
 * `backlot approve`: shows what the signature binds, then signs and approves, or refuses. With
 * `--deploy` an approved version is served; one that was approved before is not signed again.
 */
export async function approve(call: CommandCall, connection: Connection): Promise<undefined> {
  const { options, output, args } = call;
  const model = args[0]!;
  const version = countOf(args[1]!, 'the version');
  const { deploy, refuse } = options;
  if (refuse && deploy !== undefined)
    throw new BadOption('--refuse and --deploy exclude each other');
  const { api } = connection;
  const view = await suggesting(model, namesOf(api), () =>
    api.readVersion({ params: { model, version } }),
  );
  const standing = view.approval === 'approved' && typeof deploy === 'string';
  if (standing) output.say('approved already');
  const decision = standing ? { approval: view.approval } : await decide(call, connection, view);
  const deployment =
    typeof deploy === 'string' &&
    (await connection.api.deployVersion({
      params: { endpoint: deploy },
      body: { model, version },
    }));
  output.result({ model, version, ...decision, ...(deployment && { deployment }) }, [
    `${model} ${version} is ${decision.approval}`,
    ...(deployment ? [`${deployment.endpoint} is ${deployment.state}`] : []),
  ]);
  const { proposal } = view;
  if (!deployment && !refuse && proposal) {
    output.say(`serve it: backlot approve ${model} ${version} --deploy ${proposal.endpoint}`);
  }
}

/** The verb, as the local approver: authors may not approve what they made. */
export const run: CommandRun = connected(approve, 'approver');

async function decide(
  call: CommandCall,
  { api }: Connection,
  view: VersionView,
): ReturnType<Connection['api']['decideVersion']> {
  const { model, version, proposal } = view;
  if (!proposal) throw new NotProposed(model, version);
  for (const line of statementLines(view, proposal)) call.output.say(line);
  const { reason, refuse } = call.options;
  if (typeof reason !== 'string' || reason.trim() === '') {
    throw new BadOption(
      'a decision needs a reason; it is kept in the ledger',
      `backlot approve ${model} ${version} ${refuse ? '--refuse ' : ''}--reason TEXT`,
    );
  }
  return api.decideVersion({
    params: { model, version },
    body: {
      ...{ decision: refuse ? 'refuse' : 'approve', reason },
      seen: { digest: view.digest, evaluation: view.evaluation, card: view.card },
    },
  });
}

/** What a signature binds, and the checks that it builds on. */
function statementLines(
  { model, version, mayApprove }: VersionView,
  proposal: NonNullable<VersionView['proposal']>,
): readonly string[] {
  const { endpoint, by, binds, checks, expiresAt } = proposal;
  return [
    `${model} ${version}, proposed by ${by} for ${endpoint} until ${moment(expiresAt)}`,
    'The signature binds:',
    ...table(binds.map(({ name, value }) => [name, value])).map((line) => `  ${line}`),
    ...(checks.length > 0 ? ['Checks:'] : []),
    ...table(checks.map(({ name, ok, measure }) => [ok ? 'ok' : 'FAIL', name, measure])).map(
      (line) => `  ${line}`,
    ),
    ...(mayApprove.allowed ? [] : [`You may not decide: ${mayApprove.reason ?? 'not allowed'}`]),
  ];
}
