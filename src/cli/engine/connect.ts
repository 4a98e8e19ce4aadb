import type { Command } from 'commander';
import { type ControlClient, connectControl, type RequestParams } from '../../control/client.ts';
import { ControlClientError } from '../../control/client-error.ts';
import { ControlError } from '../../control/handlers.ts';
import type { Method, Result } from '../../control/protocol.ts';
import { pathsOf } from '../options.ts';
import { CommandError, EXIT } from '../print.ts';
import type { FileMethod } from './offline.ts';

/** What answers requests: the running engine or, in its place, the files that it would read. */
export interface Answerer extends Pick<ControlClient, 'onEvent' | 'close'> {
  request<M extends FileMethod>(method: M, params: RequestParams<M>): Promise<Result<M>>;
}

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

/** Runs a task with the running engine, and closes the connection however it ends. */
export async function withEngine<T>(
  command: Command,
  task: (engine: ControlClient) => Promise<T>,
): Promise<T> {
  return closing(await connectOrExplain(pathsOf(command).socket), task);
}

/** The same; null, and nothing is run, when no engine does. */
export async function withEngineIfRunning<T>(
  command: Command,
  task: (engine: ControlClient) => Promise<T>,
): Promise<T | null> {
  const client = await connectIfRunning(pathsOf(command).socket);
  return client === null ? null : closing(client, task);
}

/** The same; where no engine runs, the files on disk answer. */
export async function withEngineOrFiles<T>(
  command: Command,
  task: (engine: Answerer) => Promise<T>,
): Promise<T> {
  const paths = pathsOf(command);
  const client = await connectIfRunning(paths.socket);
  if (client !== null) return closing<Answerer, T>(client, task);
  const { Offline } = await import('./offline.ts');
  return closing<Answerer, T>(new Offline(paths), task);
}

/** The running engine's answer to one request. */
export function askEngine<M extends Method>(
  command: Command,
  method: M,
  params: RequestParams<M>,
): Promise<Result<M>> {
  return withEngine(command, (engine) => engine.request(method, params));
}

/** The same, from the files on disk where no engine runs. */
export function askEngineOrFiles<M extends FileMethod>(
  command: Command,
  method: M,
  params: RequestParams<M>,
): Promise<Result<M>> {
  return withEngineOrFiles(command, (engine) => engine.request(method, params));
}

async function closing<E extends Answerer, T>(engine: E, task: (engine: E) => Promise<T>): Promise<T> {
  try {
    return await task(engine);
  } finally {
    engine.close();
  }
}

/** A refusal of the engine, or of the files in its place, is the answer no; everything else about it is the machine's. */
export function explained(error: unknown): unknown {
  if (error instanceof ControlError) return new CommandError(EXIT.no, error.message);
  if (!(error instanceof ControlClientError)) return error;
  const isRefusal = ['bad_request', 'not_found', 'refused'].includes(error.trouble);
  return new CommandError(isRefusal ? EXIT.no : EXIT.cannot, error.message);
}
