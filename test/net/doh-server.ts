import { type Answer, type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import type { Made } from '../judge/tools/workshop.ts';

/** What a server is asked. */
export interface Asked {
  readonly name: string;
  readonly type: string;
  readonly method: string;
  readonly path: string;
  readonly accept: string | null;
  readonly id: number;
}

/** A DNS over HTTPS server on loopback (RFC 8484) that answers a question with records, with bytes, or with any response. */
export class DohServer {
  readonly #server: ReturnType<typeof Bun.serve>;
  readonly asked: Asked[] = [];
  /** Records by `name type`; what is not here is empty. */
  readonly zone = new Map<string, readonly Answer[]>();
  /** In place of the zone. */
  answer: ((asked: Asked) => Response | Promise<Response>) | null = null;

  constructor({ cert, key }: Made) {
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      tls: { cert, key },
      idleTimeout: 10,
      fetch: (request) => this.#serve(request),
    });
  }

  get url(): string {
    return `https://localhost:${this.#server.port}/dns-query`;
  }

  get port(): number {
    return this.#server.port ?? 0;
  }

  clear(): void {
    this.asked.length = 0;
    this.zone.clear();
    this.answer = null;
  }

  async close(): Promise<void> {
    await this.#server.stop(true);
  }

  async #serve(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const bytes = Buffer.from(url.searchParams.get('dns') ?? '', 'base64url');
    const query = decode(bytes) as DecodedPacket & { id: number };
    const [question] = query.questions ?? [];
    const asked: Asked = {
      name: question?.name ?? '',
      type: question?.type ?? '',
      method: request.method,
      path: url.pathname,
      accept: request.headers.get('accept'),
      id: query.id,
    };
    this.asked.push(asked);
    if (this.answer !== null) return this.answer(asked);
    return message(reply(asked, { answers: [...(this.zone.get(`${asked.name} ${asked.type}`) ?? [])] }));
  }
}

/** A whole reply; `rcode` as DNS numbers it. */
export function reply(asked: Asked, packet: Partial<Packet> = {}, rcode = 0): Buffer {
  const questions = [{ name: asked.name, type: asked.type as 'A' }];
  return encode({ type: 'response', id: 0, flags: 0x8180 | rcode, questions, answers: [], ...packet });
}

/** A reply as HTTP carries it. */
export function message(bytes: Uint8Array, headers: Record<string, string> = {}): Response {
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': 'application/dns-message', ...headers },
  });
}
