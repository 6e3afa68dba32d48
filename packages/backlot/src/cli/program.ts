import { BacklotError, exitCodes, type Io, realIo } from '@backlot/core';
import { CommanderError, Command as Parser } from 'commander';
import { BadOption } from '../commands/bad-option.ts';
import type { Command } from './command.ts';
import { bugOf, createOutput, describeError, type Output } from './output.ts';

interface ProgramCall {
  readonly commands: readonly Command[];
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly version: string;
}

type Options = Record<string, string | boolean | undefined>;

/** Parses a command line, runs its verb and answers the exit code. */
export async function runProgram(call: ProgramCall): Promise<number> {
  let exitCode: number = 0;
  const parser = createParser(call, async (command, args, options) => {
    const output = outputOf(call, options);
    exitCode = await runCommand(call, command, args, options, output);
  });
  try {
    await parser.parseAsync(call.argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // Commander has told people what was wrong; a program reads one object from stdout.
    const misuse = new BadOption(error.message.replace(/^error: /, '').replaceAll('\n', ' '));
    if (call.argv.includes('--json')) outputOf(call, { json: true }).result({ error: misuse }, []);
    return exitCodes.usage;
  }
  return exitCode;
}

function outputOf(call: ProgramCall, options: Options): Output {
  const { environment, stdout, stderr } = call;
  return createOutput({
    json: options.json === true,
    quiet: options.quiet === true,
    environment,
    stdout,
    stderr,
  });
}

async function runCommand(
  call: ProgramCall,
  command: Command,
  args: readonly string[],
  options: Options,
  output: Output,
): Promise<number> {
  try {
    const io: Io = realIo();
    const { run } = await command.load();
    const { cwd, environment, signal } = call;
    return (await run({ args, options, output, io, cwd, environment, signal })) ?? 0;
  } catch (error) {
    return reportError(error, output, options.verbose === true);
  }
}

/** Says an error and answers its exit code. */
function reportError(error: unknown, output: Output, verbose: boolean): number {
  const known = error instanceof BacklotError;
  if (output.json) output.result({ error: known ? error : bugOf(error) }, []);
  for (const line of describeError(error, verbose)) output.complain(line);
  return known ? exitCodes[error.kind] : exitCodes.failed;
}

type Act = (command: Command, args: readonly string[], options: Options) => Promise<void>;

function createParser(call: ProgramCall, act: Act): Parser {
  const parser = new Parser('backlot')
    .description(
      'Machine-learning engineering for a media store, from a delivery to a served model.',
    )
    .version(call.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void call.stdout.write(text),
      writeErr: (text) => void call.stderr.write(text),
    })
    .showSuggestionAfterError()
    .addHelpText('after', '\nFirst steps: backlot start\nExit codes and errors: docs/errors.md');
  const groups = new Map<string, Parser>();
  for (const command of call.commands) {
    const words = command.name.split(' ');
    const parent = words.length > 1 ? groupOf(call.commands, parser, groups, words[0]!) : parser;
    addCommand(parent, words.at(-1)!, command, act);
  }
  return parser;
}

const groupSummaries: Readonly<Record<string, string>> = {
  audit: 'the ledger of every change',
  task: 'what a worker process runs',
};

function groupOf(
  commands: readonly Command[],
  parser: Parser,
  groups: Map<string, Parser>,
  word: string,
): Parser {
  const known = groups.get(word);
  if (known) return known;
  const members = commands.filter(({ name }) => name.startsWith(`${word} `));
  const hidden = members.every((member) => member.hidden);
  const group = parser
    .command(word, { hidden })
    .description(groupSummaries[word] ?? word)
    .exitOverride();
  groups.set(word, group);
  return group;
}

function addCommand(parent: Parser, word: string, command: Command, act: Act): void {
  const sub = parent
    .command(word, command.hidden ? { hidden: true } : {})
    .description(command.summary)
    .exitOverride();
  for (const argument of command.arguments ?? []) {
    sub.argument(argument.optional ? `[${argument.name}]` : `<${argument.name}>`, argument.summary);
  }
  for (const option of command.options ?? []) {
    const made = sub.createOption(option.flags, option.summary);
    if (option.choices) made.choices([...option.choices]);
    if (option.default !== undefined) made.default(option.default);
    sub.addOption(made);
  }
  sub
    .option('--json', 'write one JSON object to stdout')
    .option('--quiet', 'no progress and no hints')
    .option('--verbose', 'show where an error came from')
    .option('--home <folder>', 'the state folder (default: .backlot of the project)')
    .addHelpText('after', `\nExample:\n  ${command.example}`)
    .action(async () => act(command, sub.args, sub.opts()));
}
