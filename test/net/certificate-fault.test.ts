import { expect, test } from 'bun:test';
import { certificateFault, errorCode } from '../../src/net/certificate-fault.ts';

test.each([
  ['CERT_HAS_EXPIRED', true],
  ['CERT_REVOKED', true],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', true],
  ['CA_MD_TOO_WEAK', true],
  ['ERR_TLS_CERT_ALTNAME_INVALID', true],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', false],
  ['ECONNREFUSED', false],
  ['ECONNRESET', false],
  ['', false],
])('the code %p is about a certificate: %p', (code, isFault) => {
  expect(certificateFault(code) !== null).toBe(isFault);
});

test('the code of an error is found behind what it caused', () => {
  const cause = Object.assign(new Error('inner'), { code: 'CERT_HAS_EXPIRED' });
  expect(errorCode(new Error('outer', { cause }))).toBe('CERT_HAS_EXPIRED');
  expect(errorCode(new Error('alone'))).toBe('');
  expect(errorCode('text')).toBe('');
});
