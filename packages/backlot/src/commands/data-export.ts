import { BacklotError } from '@backlot/core';
import { contractData, exportOdcs, odcsYaml } from '@backlot/data';
import type { CommandCall } from '../cli/command.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { definitionsOf } from '../owner/definitions.ts';
import { findProject } from '../project.ts';
import { BadOption } from './bad-option.ts';
import { connected } from './connected.ts';
import { tableNames } from './data-ls.ts';

/** No table of that name is defined. */
export class NoSuchTable extends BacklotError {
  constructor(name: string) {
    super({
      code: 'E-BACKLOT-026',
      kind: 'notFound',
      reason: `the project defines no table ${JSON.stringify(name.slice(0, 60))}`,
      mend: 'tables are listed in backlot.config.ts',
    });
  }
}

/** `backlot data export [TABLE]`: contracts as one document of the Open Data Contract Standard. */
export async function run(call: CommandCall): Promise<number | undefined> {
  const { args, options, output, io, cwd } = call;
  if (options.croissant === true) return connected(describeSnapshot)(call);
  const project = await findProject(io, cwd);
  const { tables } = definitionsOf(project);
  const [name] = args;
  const chosen =
    name === undefined
      ? tables
      : await suggesting(
          name,
          async () => tables.map((one) => one.name),
          async () => {
            const one = tables.find((table) => table.name === name);
            if (!one) throw new NoSuchTable(name);
            return [one];
          },
        );
  const id = name === undefined ? project.name : `${project.name}-${name}`;
  const document = exportOdcs(chosen.map(contractData), { id });
  const text = options.format === 'yaml' ? odcsYaml(document) : JSON.stringify(document, null, 2);
  output.result(document, text.trimEnd().split('\n'));
}

/** `--croissant`: the current snapshot in Croissant 1.1; what only the publisher knows is asked for. */
export async function describeSnapshot(
  { args, options, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const [name] = args;
  if (name === undefined) throw new BadOption('one table is described at a time', 'name it');
  const { url, license, creator } = options;
  if (typeof url !== 'string' || typeof license !== 'string' || typeof creator !== 'string') {
    throw new BadOption(
      'a description names where files lie, their license and who made them',
      'add --url, --license and --creator',
    );
  }
  const query = { url, license, creator };
  const described = await suggesting(name, tableNames(api), () =>
    api.readCroissant({ params: { table: name }, query }),
  );
  output.result(described, JSON.stringify(described, null, 2).split('\n'));
}
