import type { FlowId, Host, Ip, Pid, RuleId, Uid, UnixMs } from './brand.ts';

/** One process in the chain that led to a connection. `path` is null when the kernel would not tell. */
export interface Ancestor {
  readonly pid: Pid;
  readonly path: string | null;
  /** What a person calls it: the file name of the executable, or the kernel's `comm`. */
  readonly name: string;
}

/** Why the program behind a connection could not be told. */
export const UNKNOWN_ORIGINS = [
  'socket_gone', // the client's socket no longer existed when we looked
  'no_process', // the socket exists, no process holds it (another pid namespace, or already dead)
  'pid_reused', // the process changed while we looked
  'not_permitted', // the kernel refused
  'timed_out', // the search did not end before its deadline
  'not_looked_at', // refused at accept, before anything was looked at
  'not_supported', // no attribution on this platform
] as const;
export type UnknownOrigin = (typeof UNKNOWN_ORIGINS)[number];

/** The program that asked for a connection. Every field is null when unknown; `unknown` then says why. */
export interface Origin {
  readonly pid: Pid | null;
  readonly path: string | null;
  readonly name: string | null;
  readonly uid: Uid | null;
  readonly user: string | null;
  /** Parent first, then its parent, up to 16; ends at pid 1. */
  readonly parents: readonly Ancestor[];
  /** Signing identity (macOS team or identifier), null where there is none or the platform has none. */
  readonly signer: string | null;
  /** macOS: the pid that is responsible for this one (the app behind a helper). */
  readonly responsiblePid: Pid | null;
  readonly unknown: UnknownOrigin | null;
}

/** Where a connection goes. `host` is the name the decision used, null for a bare address. */
export interface Target {
  readonly host: Host | null;
  /** The address the program dialled (the original destination). */
  readonly ip: Ip;
  readonly port: number;
}

/** `unknown`: the client spoke, and it was neither TLS nor HTTP. `silent`: it waited for the server to speak. */
export const PROTOCOLS = ['tls', 'http', 'unknown', 'silent'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What the first bytes of a connection told, without decrypting anything. */
export interface Sniff {
  readonly protocol: Protocol;
  /** The server name of the ClientHello as sent, cleaned of nothing: hostile text. Null when there is none. */
  readonly sni: string | null;
  /** The Host header of the first HTTP request, or null. */
  readonly httpHost: string | null;
  readonly alpn: readonly string[];
  /** The ClientHello carries an encrypted_client_hello extension (RFC 9849): `sni` is then only the outer name. */
  readonly ech: boolean;
  /** JA4 fingerprint (FoxIO), TLS only. */
  readonly ja4: string | null;
  /** Set when the bytes looked like TLS or HTTP and broke its grammar; the flow is then decided by address. */
  readonly malformed: string | null;
}

/** Lists are grouped by what they hold. */
export const CATEGORIES = [
  'malware',
  'phishing',
  'ads',
  'analytics',
  'social',
  'gambling',
  'fakenews',
  'adult',
  'custom',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** One fact a step rests on. `text` is one sentence for a person, cleaned and under 200 characters. */
export type Evidence =
  | { readonly kind: 'rule'; readonly rule: RuleId; readonly text: string }
  | {
      readonly kind: 'list';
      readonly list: string;
      readonly category: Category | 'allow';
      /** The entry that matched: the host itself or the parent that is listed. */
      readonly entry: string;
      /** 1-based line in the source; 0 when the source has no lines. */
      readonly line: number;
      readonly text: string;
    }
  | {
      readonly kind: 'score';
      readonly signal: string;
      /** Null when the signal could not be had. */
      readonly value: number | null;
      readonly text: string;
    }
  /** `inquiry` is the id of a transcript. */
  | { readonly kind: 'judge'; readonly inquiry: number; readonly text: string }
  | { readonly kind: 'address'; readonly ip: Ip; readonly text: string }
  | { readonly kind: 'note'; readonly text: string };

/** The steps of `decide` in their order, and the two checks around it: `accept` before, `name` after; `newer` as with `REASONS`. */
export const STAGES = [
  'accept',
  'scope',
  'rules',
  'skip', // the ranges of intercept.skip
  'allowlist',
  'blocklist',
  'integrity',
  'generated',
  'trust',
  'cache',
  'judge',
  'person',
  'name',
  'newer',
] as const;
export type Stage = (typeof STAGES)[number];

/** The rows of an explanation: the steps of `decide`, and two whose verdicts bear the stage `name` or `person`. */
export const LADDER_STEPS = [...STAGES, 'unreadable', 'answered'] as const;
export type LadderStep = (typeof LADDER_STEPS)[number];

/** Why a verdict fell. Closed: a new reason is a new member, here, first. */
export const REASONS = [
  'in_scope',
  'not_in_scope',
  'rule',
  'unknown_origin', // a rule blocks it for some program or user, and whose it is could not be told
  'skipped', // in intercept.skip, and no rule blocks it
  'allowlisted',
  'blocklisted',
  'code_changed',
  'generated_name',
  'deceptive_name', // made to look like somebody else's
  'trusted',
  'cached',
  'judged',
  'while_judging', // not waited for: judge.whileJudging
  'answered', // a person said so while the flow was held
  'open_question', // nothing decided; the person is asked
  'nobody_to_ask', // nothing decided and nobody is there: policy.unattended
  'time_over', // held for the person until the deadline: policy.unattended
  'not_redirected', // made straight to the proxy port
  'destination_unknown', // the kernel does not say where it was going, or says what cannot be
  'own_traffic', // our own connection came back to us: a loop, cut
  'redirect_loop', // a program tunnels our connection and its own comes to us again
  'too_many_connections',
  'said_nothing', // the client ended, or was silent too long, where only clients speak first: no server was reached
  'unreadable_name', // the first bytes break the grammar of TLS or HTTP, or never end: whom they name cannot be told
  'another_host', // a later request of the connection is for another host than the one it was made for
  'name_unresolved', // the name has no address, so it cannot be true
  'name_private', // the name leads to a private or loopback address it was not dialled at
  'upstream_blocked', // the name is fine, the address it leads to is blocked by rule or list
  'lockdown', // lockdown mode: no allow rule
  'newer', // told by a newer engine, or kept by one: this version has no word for it, and gives it to none
] as const;
export type Reason = (typeof REASONS)[number];

export const VERDICT_KINDS = ['allow', 'block', 'ask'] as const;
export type VerdictKind = (typeof VERDICT_KINDS)[number];

/** What the firewall thinks of a connection. Mode is not part of it: see `effectOf`. */
export interface Verdict {
  readonly kind: VerdictKind;
  readonly stage: Stage;
  readonly reason: Reason;
  readonly evidence: readonly Evidence[];
}

/** What happened to a connection. `forbidden` is HTTP's 403; `held` waits for an answer; `closed` said nothing and reached nobody. */
export const EFFECTS = ['forward', 'reset', 'forbidden', 'held', 'closed'] as const;
export type Effect = (typeof EFFECTS)[number];

/** `permissive` forwards what would be blocked, and records it; `lockdown` passes only what an allow rule names. */
export const MODES = ['enforce', 'permissive', 'lockdown'] as const;
export type Mode = (typeof MODES)[number];

/** How a flow ended; `open` while it has not. */
export const FLOW_STATES = [
  'open',
  'closed', // both sides finished
  'client_reset',
  'server_reset',
  'refused', // by us
  'connect_failed', // the server did not answer or refused; errno in `detail`
  'engine_stopped',
] as const;
export type FlowState = (typeof FLOW_STATES)[number];

/** One connection, as it stands in the ledger, the log and the control socket. */
export interface FlowRecord {
  readonly id: FlowId;
  /** When it was accepted. */
  readonly at: UnixMs;
  readonly origin: Origin;
  readonly target: Target;
  readonly sniff: Sniff;
  readonly verdict: Verdict;
  readonly mode: Mode;
  readonly effect: Effect;
  /** True when nothing decided and `policy.unattended` did. */
  readonly defaulted: boolean;
  /** True when the dialled address is not among the name's addresses; `upstreamIp` is then one that is. */
  readonly nameMismatch: boolean;
  /** The address the engine connected to; null when it did not connect. */
  readonly upstreamIp: Ip | null;
  readonly state: FlowState;
  /** The error behind `connect_failed` and the like, one word (`ECONNREFUSED`); null otherwise. */
  readonly detail: string | null;
  /** Payload from the server to the program. */
  readonly bytesIn: number;
  /** Payload from the program to the server. */
  readonly bytesOut: number;
  /** From the last byte the sniffer needed to the verdict; attribution that was still running counts. */
  readonly decisionUs: number;
  /** From verdict to an established upstream connection, name resolution included; null when there was none. */
  readonly connectUs: number | null;
  /** From accept to the end; null while open. */
  readonly durationMs: number | null;
}
