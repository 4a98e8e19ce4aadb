import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { must } from './run.ts';

/** All servers of the internet are under this name; their certificate names `*.e2e.test`. */
export const DOMAIN = 'e2e.test';

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate authority of our own and one server certificate by it. */
export interface Certificates {
  /** File that clients are told to trust. */
  readonly ca: string;
  /** SHA-256 of the server's certificate, lower-case hex. */
  readonly fingerprint: string;
  /** `sha256//…` of the server's public key, as curl and wget pin it. */
  readonly pin: string;
}

/** Makes them with openssl in `folder`: ca.pem, server.key, server.pem. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const ca = `${folder}/ca.pem`;
  const caKey = `${folder}/ca.key`;
  await must([
    'openssl',
    'req',
    '-x509',
    ...CURVE,
    '-days',
    '2',
    '-subj',
    '/CN=rae test authority',
    '-keyout',
    caKey,
    '-out',
    ca,
  ]);
  const request = `${folder}/server.csr`;
  await must([
    'openssl',
    'req',
    ...CURVE,
    '-subj',
    `/CN=${DOMAIN}`,
    '-keyout',
    `${folder}/server.key`,
    '-out',
    request,
  ]);
  const extensions = `${folder}/server.ext`;
  writeFileSync(extensions, `subjectAltName=DNS:${DOMAIN},DNS:*.${DOMAIN}\n`);
  const signed = `${folder}/server.pem`;
  const by = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', extensions];
  await must(['openssl', 'x509', '-req', '-in', request, ...by, '-out', signed]);
  const server = new X509Certificate(readFileSync(signed));
  const key = server.publicKey.export({ type: 'spki', format: 'der' });
  const pin = new Bun.CryptoHasher('sha256').update(key).digest('base64');
  return { ca, fingerprint: plainFingerprint(server.fingerprint256), pin: `sha256//${pin}` };
}

/** `AB:CD…` as `abcd…`. */
export function plainFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}
