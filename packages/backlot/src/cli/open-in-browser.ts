import type { CommandCall } from './command.ts';

const openers: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: 'open',
  win32: 'explorer',
  linux: 'xdg-open',
};

/** Opens an address in the person's browser, and says so when there is none to open it with. */
export async function openInBrowser(call: CommandCall, address: string): Promise<void> {
  const command = openers[process.platform];
  const env = Object.fromEntries(
    Object.entries(call.environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const exit = command && (await call.io.processes.spawn(command, [address], { env }).exit);
  if (!exit || exit.code !== 0)
    call.output.say('no browser could be opened; use the address above');
}
