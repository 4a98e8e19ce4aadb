const NOT_VOUCHED_FOR =
  'no authority that is trusted vouches for it, or the server leaves out what links them';
/** What is wrong with a certificate, by the code that its check ends with (node:tls, X509_verify_cert_error_string). */
const FAULTS: ReadonlyMap<string, string> = new Map([
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'it is for other names'],
  ['HOSTNAME_MISMATCH', 'it is for other names'],
  ['CERT_HAS_EXPIRED', 'it, or one it rests on, has expired'],
  ['CERT_NOT_YET_VALID', 'it, or one it rests on, is not valid yet'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'it is signed by itself'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'it rests on an authority that nobody trusts'],
  ['UNABLE_TO_GET_ISSUER_CERT', NOT_VOUCHED_FOR],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', NOT_VOUCHED_FOR],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', NOT_VOUCHED_FOR],
  ['CERT_REVOKED', 'it was revoked'],
]);
/** The other codes of that list; those of OpenSSL's own begin with ERR_. */
const OTHER =
  /^(?!ERR_)(?=[A-Z_]{4,60}$).*(CERT|CRL|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME|KEY_TOO_SMALL|MD_TOO_WEAK)/;

/** What is wrong with a certificate, by the code that a handshake ends with; null for a code that is not about certificates. */
export function certificateFault(code: string): string | null {
  return FAULTS.get(code) ?? (OTHER.test(code) ? `its check ended with ${code}` : null);
}

/** The code of an error of node's, or of what caused it; empty when there is none. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : errorCode(error.cause);
}
