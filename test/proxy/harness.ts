import type { Socket, TCPSocketListener } from 'bun';
import type { HeldFlow } from '../../src/ask/questions.ts';
import { unknownOrigin } from '../../src/attribute/attributor.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import type { FlowId, Host, Ip, RegistrableDomain, RuleId, UnixMs } from '../../src/model/brand.ts';
import type { Evidence, FlowRecord, Origin, Verdict } from '../../src/model/flow.ts';
import { normalizeHost } from '../../src/model/host.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { HostLists } from '../../src/policy/lists/host-lists.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { compileRules } from '../../src/policy/rules/rule-set.ts';
import { connectByDescriptor } from '../../src/proxy/connect.ts';
import { flowDeadlines } from '../../src/proxy/deadlines.ts';
import type { Connect } from '../../src/proxy/dial.ts';
import { Flow } from '../../src/proxy/flow.ts';
import { listenOn } from '../../src/proxy/listener.ts';
import { LoopBrake } from '../../src/proxy/loop-brake.ts';
import type { Offload } from '../../src/proxy/offload/offload.ts';
import type { FlowParts } from '../../src/proxy/ports.ts';
import { RefusedNames } from '../../src/proxy/refused-names.ts';
import type { Resolve } from '../../src/resolve/resolver.ts';
import { ConnectSocket } from '../../src/system/connect-socket.ts';
import { openLinuxLibc } from '../../src/system/libc.ts';
import { listenSocket } from '../../src/system/listen-socket.ts';
import { compile } from '../policy/examples.ts';

const NO_LISTS: HostLists = {
  allow: () => null,
  block: () => null,
  allowIp: () => null,
  blockIp: () => null,
};

/** The stages of a flow over real sockets on loopback; only the kernel's redirect is replaced, by a fixed destination. */
export class TestProxy {
  readonly records = new Map<number, FlowRecord>();
  readonly flows = new Set<Flow>();
  /** Names and their addresses. */
  readonly names = new Map<string, string[]>();
  /** Whether a person can be asked. */
  canAsk = false;
  /** What the person said a moment ago. */
  answer: Verdict | null = null;
  /** The judge: what decide's step 9 says, and who waits for its answer. */
  judge: Verdict | null = null;
  readonly waiting: { flow: HeldFlow; stage: string }[] = [];
  /** What the attributor says at each look; after that, that it cannot tell on this system. */
  readonly looks: Origin[] = [];
  /** Ends circles; its clock stands. */
  readonly loops = new LoopBrake(() => 0);
  readonly port: number;
  /** What tests change while flows run. */
  readonly context: { policy: Policy; config: Config; connect: Connect };
  readonly #parts: FlowParts;
  readonly #listener: TCPSocketListener<Flow | null>;
  readonly #waiting: (() => void)[] = [];
  readonly #silent = { kept: 0, wanted: 0, wake: (): void => undefined };
  #next = 1;

  constructor(
    readonly server: { ip: string; port: number },
    options: { config?: object; offload?: Offload | null; idleMs?: number } = {},
  ) {
    const config = configSchema.parse(options.config ?? {});
    const answered = () => this.answer;
    this.context = {
      config,
      policy: { scope: null, rules: compileRules([]), lists: NO_LISTS, answered },
      connect: connectByDescriptor(new ConnectSocket(openLinuxLibc(), Math.random())),
    };
    this.#parts = this.#flowParts(config, options);
    const listening = listenSocket(openLinuxLibc(), '127.0.0.1' as Ip, 0);
    if (!listening.ok) throw new Error(listening.errno);
    this.port = listening.local.port;
    this.#listener = listenOn(listening.fd, (socket) => this.#accept(socket));
  }

  #flowParts(config: Config, options: { offload?: Offload | null; idleMs?: number }): FlowParts {
    const { context } = this;
    return {
      deciding: {
        get policy() {
          return context.policy;
        },
        get mode() {
          return context.config.policy.mode;
        },
        get unattended() {
          return context.config.policy.unattended;
        },
        domainOf: (host) => host as string as RegistrableDomain,
        refusal: () => null,
        observe: () => undefined,
        missing: () => null,
      },
      asking: {
        canAsk: (verdict) => this.canAsk || (verdict.stage === 'judge' && this.judge !== null),
        wait: (flow, _subject, { stage }) => this.#wait(flow, stage),
        unanswered: () => (this.canAsk ? 'time_over' : 'nobody_to_ask'),
      },
      journal: {
        waits: () => this.#waits(),
        changed: (flow) => {
          this.records.set(flow.id, flow.record());
          for (const wake of this.#waiting.splice(0)) wake();
        },
        over: (flow) => this.flows.delete(flow as Flow),
        refused: () => undefined,
        nextFlowId: () => this.#next++ as FlowId,
      },
      attributor: {
        lookup: () => this.looks.shift() ?? unknownOrigin('not_supported'),
        close: () => undefined,
      },
      resolver: this.#resolver(),
      connect: (...args) => context.connect(...args),
      loops: this.loops,
      offload: options.offload ?? null,
      settings: config.proxy,
      deadlines: flowDeadlines(config, options.idleMs),
      refusedNames: new RefusedNames(),
      ja4: (raw) => raw,
    };
  }

  #accept(socket: Socket<Flow | null>): Flow {
    const peer = { ip: socket.remoteAddress as Ip, port: 0 };
    const dst = { ip: this.server.ip as Ip, port: this.server.port };
    const flow = new Flow(this.#parts, this.#next++ as FlowId, socket as Socket<Flow>, peer, dst);
    this.flows.add(flow);
    return flow;
  }

  #resolver(): Resolve {
    const ips = (host: Host): Ip[] => (this.names.get(host) ?? []) as Ip[];
    return {
      verify: (host, dialled) => ({ match: ips(host).includes(dialled), ips: ips(host) }),
      addresses: async (host) => ips(host),
    };
  }

  #wait(flow: HeldFlow, stage: string): readonly Evidence[] {
    this.waiting.push({ flow, stage });
    return stage === 'judge' ? [{ kind: 'judge', inquiry: 7, text: 'inquiry 7' }] : [];
  }

  /** The judge speaks from now on, where nothing else does. */
  setJudge(verdict: Verdict, kept: Verdict | null = null): void {
    this.judge = verdict;
    this.context.policy = { ...this.context.policy, judge: () => verdict, cache: () => kept };
  }

  /** The judge has said all it will say. */
  judged(kept: Verdict | null): void {
    this.context.policy = { ...this.context.policy, judge: () => null, cache: () => kept };
    for (const { flow } of this.waiting.splice(0)) flow.decideAgain();
  }

  rule(action: 'allow' | 'block', host: string, app: string | null = null): void {
    const rule: Rule = {
      id: `${this.#next}` as RuleId,
      action,
      host: normalizeHost(host) ?? host,
      port: null,
      app,
      user: null,
      until: null,
      createdAt: 0 as UnixMs,
      origin: 'command',
      note: null,
    };
    this.context.policy = { ...this.context.policy, rules: compile([rule]) };
  }

  /** Waits until the first flow's record is as wanted. */
  async until(wanted: (record: FlowRecord) => boolean, id = 1): Promise<FlowRecord> {
    for (;;) {
      const record = this.records.get(id);
      if (record !== undefined && wanted(record)) return record;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #waits(): void {
    this.#silent.kept++;
    if (this.#silent.kept >= this.#silent.wanted) this.#silent.wake();
  }

  /** Settles once so many more silent clients are kept waiting. */
  waits(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    Object.assign(this.#silent, { wanted: this.#silent.kept + count, wake: resolve });
    return promise;
  }

  close(): void {
    this.#listener.stop(true);
    for (const flow of this.flows) flow.stop();
  }
}
