import { type ControlClient, connectControl } from '../../control/client.ts';
import { ControlClientError } from '../../control/client-error.ts';
import { CommandError, EXIT } from '../print.ts';

/** Connects to the running engine, or ends the command with what the reader can do. */
export async function connectOrExplain(socketPath: string): Promise<ControlClient> {
  try {
    return await connectControl(socketPath);
  } catch (error) {
    throw explained(error);
  }
}

/** The running engine, or null when there is none. */
export async function connectIfRunning(socketPath: string): Promise<ControlClient | null> {
  try {
    return await connectControl(socketPath);
  } catch (error) {
    if (error instanceof ControlClientError && error.trouble === 'no_engine') return null;
    throw explained(error);
  }
}

/** A refusal of the engine is the answer no; everything else about it is the machine's. */
export function explained(error: unknown): unknown {
  if (!(error instanceof ControlClientError)) return error;
  const refused =
    error.trouble === 'bad_request' || error.trouble === 'not_found' || error.trouble === 'refused';
  const text = error.remedy === null ? error.message : `${error.message}; ${error.remedy}`;
  return new CommandError(refused ? EXIT.no : EXIT.cannot, text);
}
