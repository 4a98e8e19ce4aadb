import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { must } from './run.ts';

/** The recorded hello every connection begins with: a browser's, larger than one segment, and the name it asks for. */
const HELLO = new URL('../../fixtures/sniff/chromium.bin', import.meta.url).pathname;
export const SERVER_NAME = 'site.example';

/** The C programs, compiled, and a folder that goes away with them. */
export interface Programs {
  readonly folder: string;
  readonly load: string;
  readonly server: string;
  readonly splice: string;
  readonly hello: string;
  close(): void;
}

/** Compiles client, server and the limit. They are C because a client in JavaScript tires before haproxy does. */
export async function buildPrograms(): Promise<Programs> {
  const cc = ['cc', 'gcc', 'clang'].map((name) => Bun.which(name)).find((path) => path !== null);
  if (cc === undefined || cc === null) throw new Error('there is no C compiler: apt install gcc libc6-dev');
  const folder = mkdtempSync('/var/tmp/rbp-');
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const name of ['load', 'server', 'splice']) {
      const source = `${import.meta.dir}/programs/${name}.c`;
      await must([cc, '-O2', '-Wall', '-Wextra', '-o', `${folder}/${name}`, source]);
    }
    copyFileSync(HELLO, `${folder}/hello.bin`);
  } catch (error) {
    close();
    throw error;
  }
  const path = (name: string): string => `${folder}/${name}`;
  return {
    folder,
    load: path('load'),
    server: path('server'),
    splice: path('splice'),
    hello: path('hello.bin'),
    close,
  };
}
