import type { ControlClient } from '../../src/control/client.ts';
import { clean } from '../draw/text.ts';
import type { Loaded } from '../state/loaded.ts';

/**
 * The part of the control client that the screen uses; tests bring their own small engine. A request rejects with an Error whose
 * message is for a person: the engine's refusal, or that it is gone.
 */
export type ScreenClient = Pick<ControlClient, 'request' | 'onEvent' | 'onClose'>;

/** What a person is told of a refusal; clean. */
export function messageOf(error: unknown): string {
  return clean(error instanceof Error ? error.message : String(error));
}

/** What comes of asking; `before` stays beside the error when nothing does. */
export async function load<T>(
  ask: () => Promise<T>,
  before: T | null = null,
  explain: (error: unknown) => string = messageOf,
): Promise<Loaded<T>> {
  try {
    return { value: await ask(), error: null };
  } catch (error) {
    return { value: before, error: explain(error) };
  }
}
