import type { Socket, UnixSocketListener, UnixSocketOptions } from 'bun';
import type { FlowRecord } from '../model/flow.ts';
import type { Prompt } from '../schema/prompt.ts';
import type { Status } from '../schema/status.ts';
import { type Libc, openLibc } from '../system/libc.ts';
import { peerCred } from '../system/peer-cred.ts';
import { Connection } from './connection.ts';
import type { ControlHandlers } from './handlers.ts';
import { errorLine } from './reply-line.ts';
import { claimSocketPath } from './socket-path.ts';
import type { FlowToJson } from './subscription.ts';

export { ControlError, type ControlHandlers } from './handlers.ts';

/** Clients at once; past it new ones are told so and closed. */
export const CONNECTIONS_MAX = 64;
/** How long events wait to be sent together, and how long the rest waits when there are more than one event holds. */
const EVENTS_EVERY_MS = 100;
const EVENTS_REST_MS = 5;
/** How long clients may take to read the last that they are sent. */
const CLOSE_WAIT_MS = 500;
/** How long a refused client may take to read why: closed at once, it would see a broken connection and no reason. */
const REFUSAL_WAIT_MS = 250;

/** What a control server needs. */
export interface ControlServerOptions {
  readonly socketPath: string;
  readonly handlers: ControlHandlers;
  /** Who may connect beside the user we run as, by what the kernel says of the client. */
  readonly allowUids?: readonly number[];
}

type Client = { connection: Connection | null };

/** The control socket: newline-delimited JSON, one request a line, answers by id, events to who subscribed. */
export class ControlServer {
  readonly #libc: Libc;
  readonly #handlers: ControlHandlers;
  readonly #uids: ReadonlySet<number>;
  readonly #connections = new Map<Connection, Socket<Client>>();
  readonly #refused = new Map<Socket<Client>, ReturnType<typeof setTimeout>>();
  readonly #listener: UnixSocketListener<Client>;
  readonly #release: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #closing: Promise<void> | null = null;

  /** Use `startControlServer`; `release` gives the claimed path back. */
  constructor(options: ControlServerOptions, libc: Libc, release: () => void) {
    this.#libc = libc;
    this.#handlers = options.handlers;
    this.#uids = new Set([process.geteuid?.() ?? 0, ...(options.allowUids ?? [])]);
    this.#release = release;
    this.#listener = this.#listen(options.socketPath);
  }

  /** Subscribers that are a person's screen. */
  screens(): number {
    let screens = 0;
    for (const connection of this.#connections.keys())
      if (connection.subscription?.as === 'screen') screens++;
    return screens;
  }

  /** Tells every subscriber a flow's state, within about 100 ms; a later state takes the place of one not yet sent. */
  publish(flow: FlowRecord): void {
    if (this.#connections.size === 0) return;
    for (const { subscription } of this.#connections.keys()) subscription?.offer(flow);
    this.#wake();
  }

  /** Tells every subscriber the engine's status, within about 100 ms; only the latest is sent. */
  publishStatus(status: Status): void {
    for (const { subscription } of this.#connections.keys()) subscription?.offerStatus(status);
    this.#wake();
  }

  /** Tells every screen what is asked, within about 100 ms; only the latest is sent. */
  publishQuestions(questions: readonly Prompt[]): void {
    for (const { subscription } of this.#connections.keys()) subscription?.offerQuestions(questions);
    this.#wake();
  }

  /** Tells subscribers that the engine stops, closes every connection and removes the socket; half a second at most. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#listener.stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    const deadline = performance.now() + CLOSE_WAIT_MS;
    const toJson = flowWriter();
    for (const connection of this.#connections.keys()) connection.stop(toJson);
    while (this.#connections.size > 0 && performance.now() < deadline) await Bun.sleep(5);
    for (const socket of [...this.#connections.values(), ...this.#refused.keys()]) socket.terminate();
    this.#listener.stop(true);
    this.#release();
  }

  #listen(unix: string): UnixSocketListener<Client> {
    const options: UnixSocketOptions<Client> & { readonly allowHalfOpen: true } = {
      unix,
      // A client may close its half and still wait for answers: `echo … | nc -U`.
      allowHalfOpen: true,
      data: { connection: null },
      socket: {
        binaryType: 'uint8array',
        open: (socket) => this.#open(socket),
        data: (socket, chunk) => socket.data.connection?.data(chunk),
        drain: (socket) => socket.data.connection?.drain(),
        end: (socket) => (socket.data.connection === null ? void socket.end() : socket.data.connection.end()),
        close: (socket) => this.#closed(socket),
        // What goes wrong on a client's socket concerns that client only; `close` follows.
        error: (socket) => void socket.terminate(),
      },
    };
    // The socket file must never have a wider mode, not even until a chmod.
    const umask = process.umask(0o177);
    try {
      return Bun.listen(options);
    } finally {
      process.umask(umask);
    }
  }

  #open(socket: Socket<Client>): void {
    socket.data = { connection: null };
    const cred = peerCred(this.#libc, (socket as unknown as { fd: number }).fd);
    if (cred === null || !this.#uids.has(cred.uid)) {
      const who = cred === null ? 'an unknown user' : `user id ${cred.uid}`;
      this.#refuse(
        socket,
        errorLine(null, 'not_permitted', `${who} may not use this socket; run it with sudo`),
      );
      return;
    }
    if (this.#connections.size >= CONNECTIONS_MAX) {
      this.#refuse(socket, errorLine(null, 'refused', `${CONNECTIONS_MAX} clients are connected; close one`));
      return;
    }
    const port = {
      write: (bytes: Uint8Array) => socket.write(bytes),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      terminate: () => socket.terminate(),
      end: () => void socket.end(),
    };
    const connection = new Connection(cred.uid, port, this.#handlers, () =>
      // It has read what it was sent: what waits is the rest.
      this.#wake(EVENTS_REST_MS),
    );
    socket.data = { connection };
    this.#connections.set(connection, socket);
  }

  /** Says why, reads nothing, and closes soon. */
  #refuse(socket: Socket<Client>, line: string): void {
    if (this.#refused.size >= CONNECTIONS_MAX) {
      socket.terminate();
      return;
    }
    socket.pause();
    socket.write(line);
    this.#refused.set(
      socket,
      setTimeout(() => void socket.end(), REFUSAL_WAIT_MS),
    );
  }

  #closed(socket: Socket<Client>): void {
    clearTimeout(this.#refused.get(socket));
    this.#refused.delete(socket);
    const { connection } = socket.data;
    if (connection === null) return;
    this.#connections.delete(connection);
    connection.closed();
  }

  #wake(delayMs: number = EVENTS_EVERY_MS): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#sendEvents();
    }, delayMs);
  }

  #sendEvents(): void {
    const toJson = flowWriter();
    let more = false;
    for (const connection of this.#connections.keys()) more = connection.sendEvents(toJson) || more;
    if (more) this.#wake(EVENTS_REST_MS);
  }
}

/** Makes the JSON text of a flow once, however many readers it goes to. */
function flowWriter(): FlowToJson {
  const made = new Map<FlowRecord, string>();
  return (flow) => {
    const known = made.get(flow);
    if (known !== undefined) return known;
    const text = JSON.stringify(flow);
    made.set(flow, text);
    return text;
  };
}

/**
 * Listens on a unix socket (0600, in a folder that only we can change). Rejects with an error for a person when an engine
 * already listens there, or the folder or the path cannot be used.
 */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const libc = openLibc();
  const release = await claimSocketPath(libc, options.socketPath);
  try {
    return new ControlServer(options, libc, release);
  } catch (error) {
    release();
    throw error;
  }
}
