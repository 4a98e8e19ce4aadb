import { randomBytes } from 'node:crypto';
import { Model } from '../../../src/judge/client/client.ts';
import { runInquiry } from '../../../src/judge/run/runner.ts';
import { certificateTool } from '../../../src/judge/tools/certificate/tool.ts';
import { dnsTool } from '../../../src/judge/tools/dns/tool.ts';
import { type HistoryOptions, historyTool } from '../../../src/judge/tools/history/tool.ts';
import { fetchTool } from '../../../src/judge/tools/page/tool.ts';
import { toolBox } from '../../../src/judge/tools/tool-box.ts';
import { whoisTool } from '../../../src/judge/tools/whois/tool.ts';
import type { Host, RegistrableDomain, UnixMs } from '../../../src/model/brand.ts';
import type { Inquiry, JudgeInput } from '../../../src/model/inquiry.ts';
import { DohServer } from '../../net/doh-server.ts';
import { type ScriptedModel, startScriptedModel } from '../scripted-model/scripted-model.ts';
import { OwnerWorld } from '../tools/owner-world.ts';
import { type Registered, Registries } from './registries.ts';

const LIMITS = { rounds: 12, timeoutMs: 60_000, callMs: 45_000, firstByteMs: 30_000, idleMs: 10_000 };
const NEVER = new AbortController().signal;
/** Of one string in a TXT record. */
const STRING_MAX_BYTES = 255;

/** A site as its owner has it. */
export interface Site {
  readonly host: string;
  readonly domain: string;
  readonly page: string;
  readonly status?: number;
  readonly txt: readonly string[];
}

/** Which tools a model calls, and whose results it does not cite. */
export interface Habits {
  readonly tools: readonly string[];
  readonly uncited: readonly string[];
}

/** One inquiry: whose connection it is, what the registry and the machine know, and what the model does. */
export interface Case {
  readonly site: Site;
  /** Null: no registry answers. */
  readonly registered: Registered | null;
  readonly app: string;
  readonly history: HistoryOptions['history'];
  readonly habits: Habits;
}

/** Web, name servers and registries on loopback, behind the tools of the product; and models that believe what they read. */
export class SmallInternet {
  readonly #models = new Map<string, Promise<ScriptedModel>>();
  readonly #registries = new Registries();
  readonly #doh: DohServer;
  #inquiries = 0;

  private constructor(readonly web: OwnerWorld) {
    this.#doh = new DohServer(web.workshop.make({ names: ['DNS:localhost'] }));
  }

  static async start(): Promise<SmallInternet> {
    return new SmallInternet(await OwnerWorld.start());
  }

  async close(): Promise<void> {
    for (const model of this.#models.values()) await (await model).close();
    await this.#registries.close();
    await this.#doh.close();
    this.web.stop();
  }

  /** Puts a site up: its page with and without TLS, and its records. */
  putUp({ host, page, status = 200, txt }: Site): void {
    for (const scheme of ['https', 'http']) this.web.page(`${scheme}://${host}/`, page, {}, status);
    const { zone } = this.#doh;
    zone.set(`${host} A`, [{ name: host, type: 'A', ttl: 300, data: '203.0.113.20' }]);
    const records = txt.map(
      (text) => ({ name: host, type: 'TXT', ttl: 300, data: stringsOf(text) }) as const,
    );
    zone.set(`${host} TXT`, records);
  }

  /** One whole inquiry, with every tool that needs no key, and a model that allows whatever it is about. */
  async investigate({ site, registered, app, history, habits }: Case): Promise<Inquiry> {
    const id = ++this.#inquiries;
    const { domain } = site;
    const clock = (): UnixMs => Date.now() as UnixMs;
    const registry = await this.#registries.of(domain, registered);
    const tools = toolBox([
      whoisTool({ registrations: registry.registrations, platforms: new Set(), clock }),
      dnsTool({ dnsUrl: this.#doh.url, ca: this.web.workshop.ca }, () => null),
      fetchTool(this.web.network),
      certificateTool(this.web.network),
      historyTool({ history, clock }),
    ]);
    const { apiUrl } = await this.#model(habits);
    const model = new Model({ apiUrl, model: 'm', apiKey: null });
    const parts = { model, tools, apiUrl, modelName: 'm', limits: LIMITS, clock, random: randomBytes };
    const inquiry = await runInquiry(inputOf(site, app), parts, id, NEVER);
    registry.close();
    return inquiry;
  }

  /** One server for each set of habits, since a script is a server's. */
  #model(habits: Habits): Promise<ScriptedModel> {
    const key = JSON.stringify(habits);
    const model = this.#models.get(key) ?? startScriptedModel({ persona: 'believing', ...habits });
    this.#models.set(key, model);
    return model;
  }
}

function inputOf({ host, domain }: Site, app: string): JudgeInput {
  const path = `/opt/tools/${app.replace(/[/\0]/g, '')}`;
  return {
    host: host as Host,
    domain: domain as RegistrableDomain,
    port: 443,
    app: { name: app, path, signer: null, user: 'alice', parents: ['bash'], firstSeen: null },
    scores: [],
    pastBlock: false,
    listed: null,
    now: Date.now() as UnixMs,
  };
}

/** A text as the strings of one TXT record. */
function stringsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / STRING_MAX_BYTES);
  return Array.from({ length: count }, (_, at) =>
    bytes.subarray(at * STRING_MAX_BYTES, (at + 1) * STRING_MAX_BYTES),
  );
}
