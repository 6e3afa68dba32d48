import type { CommandCall } from '../cli/command.ts';
import { openInBrowser } from '../cli/open-in-browser.ts';
import { openServing, sayOwner, signInAddress } from '../owner/serve-until-stopped.ts';

/** `backlot serve`: the console, the API and the endpoints, until interrupted. */
export async function run(call: CommandCall): Promise<number> {
  const serving = await openServing(call);
  if (!('owner' in serving)) {
    sayOwner(call, serving);
    return 0;
  }
  const { owner, ended } = serving;
  const address = await signInAddress(owner);
  call.output.result({ address, api: owner.address }, [address]);
  call.output.say('Ctrl-C stops it.');
  if (call.options.open) await openInBrowser(call, address);
  return ended;
}
