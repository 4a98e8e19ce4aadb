import type { ListFormat } from '../../policy/lists/entry.ts';
import type { ListKind } from '../../policy/lists/kinds.ts';

/** One list as it goes into the compiler. */
export interface ListInput {
  /** What a match is called and commands use; unique among the inputs. */
  readonly name: string;
  readonly kind: ListKind;
  readonly format: ListFormat;
  /** A file on disk, or the path of a file embedded in the program. */
  readonly path: string;
  /** `user` files are checked for who may write them; `state` files are the program's own, `embedded` ones inside it. */
  readonly trust: 'embedded' | 'state' | 'user';
  /** Changes when the content may have changed. */
  readonly digest: string;
}

/** A list that could not become an input. */
export interface ListFault {
  readonly name: string;
  readonly kind: ListKind;
  readonly error: string;
}
