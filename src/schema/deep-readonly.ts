type Plain = string | number | boolean | null | undefined;

/** A type of which nothing can be changed, down to its last field; brands stay what they are. */
export type DeepReadonly<T> = unknown extends T
  ? T
  : T extends Plain
    ? T
    : { readonly [K in keyof T]: DeepReadonly<T[K]> };
