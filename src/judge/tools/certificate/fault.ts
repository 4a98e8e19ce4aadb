/** What is wrong with a certificate, by the code that a handshake ends with; null for a code that is not about certificates. */
export function certificateFault(code: string): string | null {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return 'it is for other names';
    case 'CERT_HAS_EXPIRED':
      return 'it, or one it rests on, has expired';
    case 'CERT_NOT_YET_VALID':
      return 'it, or one it rests on, is not valid yet';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'it is signed by itself';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'it rests on an authority that nobody trusts';
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'no authority that is trusted vouches for it, or the server leaves out what links them';
    case 'CERT_REVOKED':
      return 'it was revoked';
    default:
      // The rest of X509_verify_cert_error_string; codes of OpenSSL's own begin with ERR_.
      return CERTIFICATE_CODE.test(code) ? `its check ended with ${code}` : null;
  }
}

const CERTIFICATE_CODE =
  /^(?!ERR_)(?=[A-Z_]{4,60}$).*(CERT|CRL|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME|KEY_TOO_SMALL|MD_TOO_WEAK)/;

/** The code of an error of node's, or of what caused it; empty when there is none. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : errorCode(error.cause);
}
