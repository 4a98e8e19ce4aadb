/** A tool call as a model writes it. */
export interface SaidCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a reply of a model holds. */
export interface Said {
  readonly text: string;
  /** Native calls. */
  readonly calls: readonly SaidCall[];
}

/** What the server does with a request. */
export type Act =
  | {
      readonly kind: 'say';
      readonly said: Said;
      /** In the middle of the reply: nothing more comes, or the connection breaks. */
      readonly then?: 'hang' | 'die';
    }
  | { readonly kind: 'silence' }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly message: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is reset. */
  | { readonly kind: 'reset' }
  /** A body that is no reply. */
  | { readonly kind: 'nonsense'; readonly type: string; readonly body: string };

export function text(words: string): Act {
  return { kind: 'say', said: { text: words, calls: [] } };
}
