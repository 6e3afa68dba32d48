import { BacklotError } from '@backlot/core';
import { contractData, exportOdcs, odcsYaml } from '@backlot/data';
import type { CommandCall } from '../cli/command.ts';
import { suggesting } from '../cli/suggesting.ts';
import { definitionsOf } from '../owner/definitions.ts';
import { findProject } from '../project.ts';

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
export async function run({ args, options, output, io, cwd }: CommandCall): Promise<undefined> {
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
