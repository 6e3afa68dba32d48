import { resolve } from 'node:path';
import {
  contractData,
  diffContracts,
  importOdcs,
  parseOdcsText,
  readerOf,
  touchedBy,
} from '@backlot/data';
import type { CommandCall } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { definitionsOf } from '../owner/definitions.ts';
import { findProject } from '../project.ts';
import { BadOption } from './bad-option.ts';
import { NoSuchTable } from './data-export.ts';

/** `backlot data diff TABLE --against FILE`: from an ODCS document to the definition; 1 when it breaks. */
export async function run({
  args,
  options,
  output,
  io,
  cwd,
}: CommandCall): Promise<number | undefined> {
  const { tables, features } = definitionsOf(await findProject(io, cwd));
  const name = args[0]!;
  const defined = tables.find((one) => one.name === name);
  if (!defined) throw new NoSuchTable(name);
  if (typeof options.against !== 'string') {
    throw new BadOption(
      'a file to compare with is needed',
      'backlot data export TABLE > FILE wrote it',
    );
  }
  const after = contractData(defined);
  const bytes = await io.files.read(resolve(cwd, options.against));
  const document = parseOdcsText(new TextDecoder().decode(bytes));
  const { contracts } = importOdcs(document, { purposes: after.purposes });
  const before = contracts.find((one) => one.table === name);
  if (!before) throw new BadOption(`the file describes no table ${name}`);
  const changes = diffContracts(before, after);
  const readers = features.map((view) => readerOf('feature view', view.name, { node: view.from }));
  const touched = touchedBy(name, changes, readers).map(({ kind, name: of }) => ({
    kind,
    name: of,
  }));
  const rows = changes.map(({ change, column, from, to, breaks }) => [
    ...[change, column ?? '-', from ?? '', to ?? '', breaks.join(' ') || 'nobody'],
  ]);
  output.result({ table: name, changes, touched }, [
    ...(rows.length > 0 ? table([['change', 'column', 'from', 'to', 'breaks'], ...rows]) : []),
    ...touched.map((one) => `touches ${one.kind} ${one.name}`),
  ]);
  if (rows.length === 0) output.say('nothing changed');
  return changes.some(({ breaks }) => breaks.length > 0) ? 1 : undefined;
}
