import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { tableNames } from './data-ls.ts';
import { moment, shortDigest } from './show.ts';

/** `backlot data show TABLE`: its columns, purposes, retention, quality and snapshots. */
export async function showTable(
  { args, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const name = args[0]!;
  const found = await suggesting(name, tableNames(api), () =>
    api.readTable({ params: { table: name } }),
  );
  const kept = found.retentionDays === undefined ? 'for ever' : `${found.retentionDays} days`;
  output.result(found, [
    `${found.name}  ${found.contractDigest}  for ${found.purposes.join(', ')}; kept ${kept}`,
    ...table([
      ['column', 'type', 'sensitivity', 'rules'],
      ...found.columns.map((one) => [one.name, one.type, one.sensitivity, one.rules.join('; ')]),
    ]),
    ...qualityLines(found.quality),
    ...table([
      ['snapshot', 'rows', 'published'],
      ...found.snapshots.map((one) => [shortDigest(one.digest), one.rows, moment(one.at)]),
    ]),
  ]);
}

type Quality = Awaited<ReturnType<Connection['api']['readTable']>>['quality'];

/** Each quality rule with what the newest report found, which may be older than the rule. */
function qualityLines({ rules, report }: Quality): readonly string[] {
  if (rules.length === 0) return [];
  const rows = rules.map(({ rule, severity }) => {
    const found = report?.results.find((one) => one.rule === rule);
    if (!found) return [rule, severity, 'not checked', ''];
    const broken = severity === 'block' ? 'broken' : 'warning';
    return [
      ...[rule, severity, found.passed ? 'ok' : broken],
      `${found.failing} of ${found.checked} rows`,
    ];
  });
  const when = report ? `checked ${moment(report.at)}` : 'never checked';
  return table([['quality rule', 'severity', 'state', when], ...rows]);
}

export const run: CommandRun = connected(showTable);
