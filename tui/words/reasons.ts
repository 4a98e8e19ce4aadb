import type { FlowState, LadderStep, Reason, UnknownOrigin } from '../../src/model/flow.ts';

/** Each reason in few words, for the why column. */
export const REASON_WORDS: Record<Reason, string> = {
  in_scope: 'in scope',
  not_in_scope: 'not in scope',
  rule: 'rule',
  unknown_origin: 'owner unknown',
  skipped: 'not filtered here',
  allowlisted: 'allowlist',
  blocklisted: 'blocklist',
  code_changed: 'code changed',
  generated_name: 'generated name',
  deceptive_name: 'deceptive name',
  trusted: 'trusted',
  cached: 'judged before',
  judged: 'judge',
  while_judging: 'judge still thinks',
  answered: 'you answered',
  open_question: 'undecided',
  nobody_to_ask: 'nobody to ask',
  time_over: 'no answer in time',
  not_redirected: 'straight to the proxy',
  destination_unknown: 'destination unknown',
  own_traffic: 'own traffic: loop cut',
  redirect_loop: 'comes round: loop cut',
  too_many_connections: 'too many connections',
  said_nothing: 'said nothing',
  unreadable_name: 'unreadable name',
  another_host: 'another host',
  name_unresolved: 'name has no address',
  name_private: 'name leads inside',
  upstream_blocked: 'address is blocked',
  lockdown: 'lockdown',
  newer: 'of a newer version',
};

/** What each step of decide looks at. */
export const STAGE_WORDS: Record<LadderStep, string> = {
  accept: 'accept',
  scope: 'scope',
  rules: 'rules',
  skip: 'skipped ranges',
  allowlist: 'allowlist',
  blocklist: 'blocklists',
  unreadable: 'readable name',
  integrity: 'integrity',
  generated: 'generated name',
  trust: 'trust score',
  answered: 'your last answer',
  cache: 'earlier verdict',
  judge: 'judge',
  person: 'person',
  name: 'name is true',
  newer: 'of a newer version',
};

/** Why a program could not be told. */
export const UNKNOWN_WORDS: Record<UnknownOrigin, string> = {
  socket_gone: 'its socket was gone when looked at',
  no_process: 'no process holds its socket',
  pid_reused: 'the process changed while looked at',
  not_permitted: 'the kernel would not tell',
  timed_out: 'the search took too long',
  not_looked_at: 'it was refused before anyone looked',
  not_supported: 'programs cannot be told on this system',
};

/** How a connection stands. */
export const STATE_WORDS: Record<FlowState, string> = {
  open: 'open',
  closed: 'closed by both sides',
  client_reset: 'reset by the program',
  server_reset: 'reset by the server',
  refused: 'refused by the firewall',
  connect_failed: 'the server was not reached',
  engine_stopped: 'cut when the engine stopped',
};
