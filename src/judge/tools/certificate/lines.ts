import type { KeyObject, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import type { Fact } from '../../../model/inquiry.ts';
import { certificateFault, errorCode } from '../../../net/certificate-fault.ts';
import { dayText } from '../../core/day-text.ts';
import { plainFact } from '../../core/facts.ts';

const NAMES_TOLD = 20;
const NAME_MAX_CHARS = 100;
/** Alternative names of one certificate are as long as this at most, or told up to there. */
const NAMES_MAX_CHARS = 262_144;
/** One alternative name as node writes it: `DNS:a.test`, quoted when it holds what separates names. */
const NAME = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g;

/** What a server showed in a handshake, a fact a line; each value is cleaned into its line. */
export function handshakeLines(
  socket: TLSSocket,
  certificate: X509Certificate,
  host: Host,
  nowMs: number,
): readonly string[] {
  const covered = certificate.checkHost(host);
  const { alpnProtocol } = socket;
  return [
    `Valid: ${socket.authorized ? 'yes, an authority that this machine trusts vouches for it' : `no: ${faultText(socket)}`}`,
    `Covers ${host}: ${covered === undefined ? 'no' : `yes, by ${clean(covered)}`}`,
    `Issuer: ${nameText(certificate.issuer)}`,
    `Subject: ${nameText(certificate.subject)}`,
    `Names: ${namesText(certificate.subjectAltName ?? '')}`,
    `Issued: ${dayText(Date.parse(certificate.validFrom), nowMs)}`,
    `Valid until: ${dayText(Date.parse(certificate.validTo), nowMs)}`,
    `Key: ${keyText(certificate)}`,
    `Connection: ${clean(socket.getProtocol() ?? 'unknown')}${alpnProtocol ? `, ${clean(alpnProtocol)}` : ''}`,
  ];
}

/** What of it whoever asked for the certificate did not choose; that anybody gets one, so that it never speaks for a name. */
export function handshakeFacts(
  { authorized }: TLSSocket,
  certificate: X509Certificate,
  host: Host,
  nowMs: number,
): readonly Fact[] {
  const isValid = authorized && certificate.checkHost(host) !== undefined;
  const issued = dayText(Date.parse(certificate.validFrom), nowMs);
  return [
    plainFact(`Its certificate is ${isValid ? 'valid' : 'not valid for it'}, and was issued ${issued}.`),
  ];
}

/** What is wrong with the certificate for the name that was asked for. */
function faultText({ authorizationError: error }: TLSSocket): string {
  const code = typeof error === 'string' ? error : errorCode(error);
  return certificateFault(code) ?? (cleanText(code) || 'its check failed');
}

/** A distinguished name, which node writes over several lines. */
function nameText(name: string | undefined): string {
  return cleanText((name ?? '').split('\n').join(', ')) || 'nobody';
}

function namesText(text: string): string {
  const names = [...text.slice(0, NAMES_MAX_CHARS).matchAll(NAME)].map(([, kind = '', value = '']) =>
    kind === 'DNS' ? clean(value) : `${clean(kind)} ${clean(value)}`,
  );
  if (names.length === 0) return 'none';
  const told = names.slice(0, NAMES_TOLD).join(', ');
  return names.length > NAMES_TOLD ? `${names.length}, the first: ${told}` : `${names.length}: ${told}`;
}

function keyText(certificate: X509Certificate): string {
  const key = publicKeyOf(certificate);
  if (key === null) return 'of a kind that is not known';
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return `${key.asymmetricKeyType} ${modulusLength} bits`;
  return `${key.asymmetricKeyType ?? 'unknown'}${namedCurve === undefined ? '' : ` ${clean(namedCurve)}`}`;
}

/** Null for a key that the library does not know. */
function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey;
  } catch {
    return null;
  }
}

function clean(text: string): string {
  return cleanText(text, NAME_MAX_CHARS);
}
