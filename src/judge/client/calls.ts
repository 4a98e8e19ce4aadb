import { boundedJson } from '../../net/bounded-json.ts';
import type { NativeCall } from '../reply/reply.ts';
import { fieldOf, textOf } from './json.ts';

/** Calls of one reply that are kept; many more than are made. */
const CALLS_MAX = 32;
const FIELD_MAX_CHARS = 200;
/** Longer arguments are not looked at for being complete; real ones have a few hundred characters. */
const ARGS_LOOKED_AT_CHARS = 8_192;

/** A piece of a call, or the call that its pieces make. */
interface Piece {
  readonly index: number | null;
  id: string;
  name: string;
  args: string;
}

/**
 * Puts native calls together: by their index, else by their id, else in order. Servers leave each of them out, repeat names, change ids
 * from piece to piece, send them late, or give every call the same index. The caller bounds the length of all of it.
 */
export class CallAssembly {
  readonly #calls: Piece[] = [];
  /** What the latest piece belonged to; may be beyond the bound, and thus kept nowhere. */
  #last: Piece | null = null;

  /** How many characters were taken. `isWhole`: the piece is a call by itself. */
  add(given: unknown, isWhole: boolean): number {
    const piece = pieceOf(given);
    if (piece === null) return 0;
    const { id, name, args } = piece;
    const call = isWhole ? null : this.#find(piece);
    this.#last = call ?? piece;
    if (call === null && this.#calls.length < CALLS_MAX) this.#calls.push(piece);
    if (call !== null) {
      call.id ||= id;
      // A name comes in pieces, or again with each piece of the arguments.
      if (call.args === '' && call.name !== name) call.name = (call.name + name).slice(0, FIELD_MAX_CHARS);
      call.args += args;
    }
    return name.length + args.length;
  }

  /** All calls; those without an id, or with one that came before, get one from `freshId`. */
  calls(freshId: () => string): readonly NativeCall[] {
    const given = new Set(this.#calls.map(({ id }) => id));
    const seen = new Set<string>();
    return this.#calls.map(({ id, name, args }) => {
      let own = id;
      while (own === '' || seen.has(own)) {
        const fresh = freshId();
        own = given.has(fresh) ? '' : fresh;
      }
      seen.add(own);
      return { id: own, name, arguments: args };
    });
  }

  /** The call that a piece goes on with. */
  #find(piece: Piece): Piece | null {
    const { index, id } = piece;
    const isSame = (call: Piece | null): boolean => call !== null && call.index === index;
    const known = id === '' ? undefined : this.#calls.find((call) => call.id === id);
    if (index === null && known !== undefined) return known;
    const found = index === null || isSame(this.#last) ? this.#last : this.#calls.findLast(isSame);
    return !found || isNext(found, piece) ? null : found;
  }
}

/** Whether a piece begins another call than the one that it seems to belong to: it has a name, and that call is complete. */
function isNext(call: Piece, { index, id, name }: Piece): boolean {
  if (name === '' || call.name === '') return false;
  const isOther = id !== '' && call.id !== '' && id !== call.id;
  // With an index, the same name again without another id is a repetition.
  if (index !== null && !isOther) return false;
  if (call.args === '') return isOther && name !== call.name;
  return call.args.length <= ARGS_LOOKED_AT_CHARS && typeof boundedJson(call.args) === 'object';
}

function pieceOf(given: unknown): Piece | null {
  if (typeof given !== 'object' || given === null) return null;
  const called = fieldOf(given, 'function') ?? given;
  const args = fieldOf(called, 'arguments');
  const index = Number(fieldOf(given, 'index') ?? Number.NaN);
  return {
    index: Number.isSafeInteger(index) && index >= 0 ? index : null,
    id: textOf(fieldOf(given, 'id')).slice(0, FIELD_MAX_CHARS),
    name: textOf(fieldOf(called, 'name')).slice(0, FIELD_MAX_CHARS),
    args: typeof args === 'object' && args !== null ? JSON.stringify(args) : textOf(args),
  };
}
