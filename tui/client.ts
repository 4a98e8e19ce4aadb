import type { Event, Method, RequestInput, Result } from '../src/control/protocol.ts';
import { clean } from './draw/text.ts';

/** What a method takes besides its name. */
export type Params<M extends Method> = Omit<Extract<RequestInput, { method: M }>, 'method'>;

/** The part of the control client that the screen uses; tests bring their own small engine. */
export interface ScreenClient {
  /** Rejects with an Error whose message is for a person: the engine's refusal, or that it is gone. */
  request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
  onEvent(listener: (event: Event) => void): void;
  /** Called once, when the connection to the engine ended, for whatever cause. */
  onClose(listener: () => void): void;
}

/** Whether the engine does not have what it was asked for. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'trouble' in error && error.trouble === 'not_found';
}

/** What a person is told of a refusal; clean. */
export function messageOf(error: unknown): string {
  return clean(error instanceof Error ? error.message : String(error));
}
