import type { CommandCall, CommandRun } from '../cli/command.ts';
import { type Connection, connect } from '../connect.ts';
import type { LocalPerson } from '../owner/people.ts';

/** A verb's work, once it is connected; it answers the exit code, 0 when nothing. */
type ConnectedRun = (call: CommandCall, connection: Connection) => Promise<number | undefined>;

/** A verb that connects as one of the local people, works, and closes whatever happened. */
export function connected(work: ConnectedRun, as?: LocalPerson): CommandRun {
  return async (call) => {
    const connection = await connect(call, as);
    try {
      return await work(call, connection);
    } finally {
      await connection.close();
    }
  };
}
