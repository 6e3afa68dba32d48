import { resolve } from 'node:path';
import { isPurpose } from '@backlot/access';
import { contractSource, importOdcs, parseOdcsText } from '@backlot/data';
import type { CommandCall } from '../cli/command.ts';
import { BadOption } from './bad-option.ts';

/** `backlot data import FILE`: the definition of an ODCS document's tables, and what it loses. */
export async function run({ args, options, output, io, cwd }: CommandCall): Promise<undefined> {
  const purposes = String(options.purposes ?? '')
    .split(',')
    .filter((one) => one !== '');
  if (!purposes.every(isPurpose)) throw new BadOption('--purposes names what is no purpose');
  const bytes = await io.files.read(resolve(cwd, args[0]!));
  const document = parseOdcsText(new TextDecoder().decode(bytes));
  const given = purposes.length > 0 ? { purposes } : {};
  const { contracts, notCarried } = importOdcs(document, { ...given, adapt: true });
  output.result({ contracts, notCarried }, contracts.length > 0 ? contractSource(contracts) : []);
  for (const place of notCarried) output.say(`not carried: ${place}`);
}
