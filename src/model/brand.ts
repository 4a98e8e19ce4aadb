declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** A host name: lower case, ASCII (IDN as punycode), no trailing dot, 1 to 253 characters. Never an IP address. */
export type Host = Brand<string, 'Host'>;
/** The part of a host a person registers: one label below its public suffix (private section included). */
export type RegistrableDomain = Brand<string, 'RegistrableDomain'>;
/** An IP address in canonical text: IPv4 dotted, IPv6 per RFC 5952, never IPv4-mapped, no brackets, no zone. */
export type Ip = Brand<string, 'Ip'>;
/** A process id of this machine. */
export type Pid = Brand<number, 'Pid'>;
/** A numeric user id. */
export type Uid = Brand<number, 'Uid'>;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMs = Brand<number, 'UnixMs'>;
/** Identifies a flow for ever: grows by one a flow, and goes on from the ledger's last after a restart. */
export type FlowId = Brand<number, 'FlowId'>;
/** Identifies a rule: eight lower-case hexadecimal characters, or `file:` and its place for a rule from rules.d. */
export type RuleId = Brand<string, 'RuleId'>;
