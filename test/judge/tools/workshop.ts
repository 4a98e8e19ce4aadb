import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate to be made. */
export interface Order {
  /** `/CN=…/O=…`, as openssl reads it. */
  readonly subject?: string;
  /** Alternative names: `DNS:…` or `IP:…`; more of them in `dns`. */
  readonly names?: readonly string[];
  readonly key?: readonly string[];
  /** `YYYYMMDDHHMMSSZ`. */
  readonly from?: string;
  readonly until?: string;
  readonly selfSigned?: boolean;
}

/** A certificate with its key, PEM. */
export interface Made {
  readonly cert: string;
  readonly key: string;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const DATE_DAYS = 86_400_000;
const CONFIG = `
[ca]
default_ca = one
[one]
database = index
new_certs_dir = .
default_md = sha256
rand_serial = yes
unique_subject = no
policy = any
string_mask = utf8only
[any]
CN = optional
O = optional
OU = optional
C = optional
[req]
distinguished_name = dn
string_mask = utf8only
[dn]
`;

/** A certificate authority of a test's own that makes any certificate, right or wrong. Needs openssl. */
export class Workshop {
  readonly #root = mkdtempSync(join(tmpdir(), 'resolagent-workshop-'));
  readonly ca: string;
  #made = 0;

  constructor() {
    writeFileSync(join(this.#root, 'config'), CONFIG);
    writeFileSync(join(this.#root, 'index'), '');
    const basic = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=keyCertSign'];
    this.#openssl(
      'req',
      '-x509',
      ...EC,
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=Test CA',
      ...basic,
    )('ca.key', 'ca.pem');
    this.ca = this.#read('ca.pem');
  }

  make({ subject = '/CN=test', names = [], key = EC, from, until, selfSigned = false }: Order): Made {
    const name = `c${++this.#made}`;
    writeFileSync(join(this.#root, 'ext'), extensions(names));
    const request = ['-config', 'config', '-utf8', '-nodes', ...key, '-subj', subject];
    this.#openssl('req', '-new', ...request)(`${name}.key`, `${name}.csr`);
    const by = selfSigned
      ? ['-selfsign', '-keyfile', `${name}.key`]
      : ['-cert', 'ca.pem', '-keyfile', 'ca.key'];
    const dates = ['-startdate', from ?? daysFromNow(-1), '-enddate', until ?? daysFromNow(2)];
    const sign = ['-batch', '-config', 'config', '-preserveDN', '-notext', '-extfile', 'ext', '-utf8'];
    this.#run('ca', ...sign, ...by, ...dates, '-in', `${name}.csr`, '-out', `${name}.pem`);
    return { cert: this.#read(`${name}.pem`), key: this.#read(`${name}.key`) };
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  #openssl(...args: string[]): (keyout: string, out: string) => void {
    return (keyout, out) => this.#run(...args, '-keyout', keyout, '-out', out);
  }

  #run(...args: string[]): void {
    const made = Bun.spawnSync(['openssl', ...args], { cwd: this.#root, stderr: 'pipe' });
    if (made.exitCode !== 0) throw new Error(`openssl ${args[0]} failed: ${made.stderr.toString()}`);
  }

  #read(name: string): string {
    return readFileSync(join(this.#root, name), 'utf8');
  }
}

/** A time as openssl takes it. */
export function daysFromNow(days: number): string {
  const time = new Date(Date.now() + days * DATE_DAYS).toISOString();
  return `${time.replace(/[-:T]/g, '').slice(0, 14)}Z`;
}

function extensions(names: readonly string[]): string {
  if (names.length === 0) return 'basicConstraints=CA:FALSE\n';
  const lines = names.map((name, index) => name.replace(':', `.${index + 1} = `));
  return `basicConstraints=CA:FALSE\nsubjectAltName=@names\n[names]\n${lines.join('\n')}\n`;
}
