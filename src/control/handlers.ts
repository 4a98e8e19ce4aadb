import type { FlowRecord } from '../model/flow.ts';
import type { DeepReadonly } from '../schema/deep-readonly.ts';
import type { Event, Method, Reply, Request, Result } from './protocol.ts';

/** The error codes a reply can carry. */
export type ControlErrorCode = Extract<Reply, { ok: false }>['error']['code'];

/** Thrown by a handler to answer with this code and message; anything else it throws answers `failed`. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.name = 'ControlError';
    this.code = code;
  }
}

/** A method's parameters, defaults filled in. */
export type Params<M extends Method> = Omit<Extract<Request, { method: M }>, 'id' | 'method'>;

/** What a handler gives for a method: the result, which nobody changes any more. */
export type Answer<M extends Method> = DeepReadonly<Result<M>>;

/** The client behind a request. The object lives as long as its connection: a key for what a handler remembers of it. */
export interface ControlConnection {
  /** The client's user id as the kernel knows it. */
  readonly uid: number;
  /**
   * Sends this connection events from now on, for the flows `filter` says yes to; a second call replaces the first. Events wait
   * until the request that called it is answered, so subscribe before you read a backlog: then nothing falls between.
   */
  subscribe(as: 'screen' | 'log', filter: (flow: FlowRecord) => boolean): void;
  /**
   * Sends this connection one event about its own request, subscribed or not. One that can be `skipped` is, while the client has
   * not read what it was sent before.
   */
  tell(event: Event, skipped: 'may_be_skipped' | 'must_arrive'): void;
  /** Calls `listener` once, when the connection is over. */
  onClose(listener: () => void): void;
}

/** One handler a method. */
export type ControlHandlers = {
  readonly [M in Method]: (
    params: Params<M>,
    connection: ControlConnection,
  ) => Answer<M> | Promise<Answer<M>>;
};
