/** Why a client could not get an answer from the engine. */
export type ControlTrouble =
  | 'no_engine' // nobody listens
  | 'not_permitted' // the engine, or the file system, refuses this user
  | 'lost' // the connection ended
  | 'timed_out' // no answer in time
  | 'not_understood' // the answer is not one this version knows
  | 'bad_request' // the engine could not read the request
  | 'not_found' // what was asked for does not exist
  | 'refused' // the engine will not
  | 'failed'; // the engine tried and could not

/** What went wrong, in words for a person; the message ends with the remedy where there is one. */
export class ControlClientError extends Error {
  readonly trouble: ControlTrouble;
  /** What the reader can do; null when nothing in particular. */
  readonly remedy: string | null;

  constructor(trouble: ControlTrouble, what: string, remedy: string | null) {
    super(remedy === null ? what : `${what}; ${remedy}`);
    this.name = new.target.name;
    this.trouble = trouble;
    this.remedy = remedy;
  }
}

/** Nobody listens on the socket. */
export class NoEngineError extends ControlClientError {
  constructor(socketPath: string) {
    const remedy = `${startWords()}, or name its socket with --socket`;
    super('no_engine', `no engine runs (nobody listens on ${socketPath})`, remedy);
  }
}

/** What the reader can do where nobody listens. Who is not root has a socket of their own, and cannot see whether an engine of root runs. */
export function startWords(): string {
  const start = "start it with 'sudo resolagent'";
  return process.geteuid?.() === 0
    ? start
    : `with sudo an engine of root answers; if there is none, ${start}`;
}

/** This user may not use the socket. */
export class NotPermittedError extends ControlClientError {
  constructor(socketPath: string) {
    const what = `this user may not talk to the engine on ${socketPath}`;
    super('not_permitted', what, 'run the command with sudo');
  }
}

/** What a failed connect(2) means. */
export function connectError(error: unknown, socketPath: string): ControlClientError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EACCES' || code === 'EPERM') return new NotPermittedError(socketPath);
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR')
    return new NoEngineError(socketPath);
  const said = error instanceof Error ? error.message : String(error);
  return new ControlClientError(
    'failed',
    `cannot connect to ${socketPath}: ${code === '' ? said : code}`,
    null,
  );
}
