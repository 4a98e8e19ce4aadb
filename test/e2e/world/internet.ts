import type { FileSink, Subprocess } from 'bun';
import type { Accepted, Answer, Ask } from '../internet/protocol.ts';
import { INTERNET } from './network.ts';
import { ENV } from './run.ts';

/** The servers of the other namespace: one node process that is asked over its standard input. */
export class Internet {
  readonly #waiting = new Map<number, (result: Answer['result']) => void>();
  readonly #ready = Promise.withResolvers<void>();
  #lastId = 0;
  #rest = '';

  private constructor(private readonly child: Subprocess<'pipe', 'pipe', 'inherit'>) {
    void this.#read();
  }

  static async start(namespace: string, folder: string): Promise<Internet> {
    const built = await Bun.build({
      entrypoints: [`${import.meta.dir}/../internet/main.ts`],
      target: 'node',
      outdir: folder,
      naming: 'internet.mjs',
    });
    if (!built.success) throw new Error(`the internet's servers do not compile: ${built.logs.join('\n')}`);
    const node = Bun.which('node');
    if (node === null) throw new Error('node is not in PATH');
    const program = [node, `${folder}/internet.mjs`, folder, INTERNET.dns4, INTERNET.dns6];
    const child = Bun.spawn(['ip', 'netns', 'exec', namespace, ...program], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
      env: ENV,
    });
    const internet = new Internet(child);
    const died = child.exited.then((code) => {
      throw new Error(`the internet's servers ended with code ${code}`);
    });
    died.catch(() => {});
    await Promise.race([internet.#ready.promise, died]);
    return internet;
  }

  /** Sets the addresses of a name, from the next question on. */
  async setName(name: string, a: readonly string[], aaaa: readonly string[]): Promise<void> {
    await this.#ask({ method: 'name', name, a, aaaa });
  }

  /** Sets what the web servers answer for a path, on every address. */
  async setText(path: string, text: string): Promise<void> {
    await this.#ask({ method: 'text', path, text });
  }

  /** Every connection that a server accepted on this address. */
  async accepted(ip: string): Promise<readonly Accepted[]> {
    const result = await this.#ask({ method: 'accepted', ip });
    return Array.isArray(result) ? result : [];
  }

  /** How often the name server was asked for a name. */
  async queries(name: string): Promise<number> {
    return Number(await this.#ask({ method: 'queries', name }));
  }

  async close(): Promise<void> {
    await this.child.stdin.end();
    await this.child.exited;
  }

  #ask(ask: Ask): Promise<Answer['result']> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Answer['result']>();
    this.#waiting.set(id, resolve);
    const sink: FileSink = this.child.stdin;
    sink.write(`${JSON.stringify({ id, ...ask })}\n`);
    void sink.flush();
    return promise;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.child.stdout) {
      const lines = (this.#rest + decoder.decode(chunk, { stream: true })).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#line(line);
    }
  }

  #line(line: string): void {
    if (line === 'ready') {
      this.#ready.resolve();
      return;
    }
    const { id, result } = JSON.parse(line) as Answer;
    this.#waiting.get(id)?.(result);
    this.#waiting.delete(id);
  }
}
