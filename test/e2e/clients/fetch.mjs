// One HTTP request by node's own library. Arguments: JSON with url, family, ca, out, upload (a file or null).
// Writes the body to `out`, and to standard output one JSON object: status, fingerprint (null for plain HTTP).
import { createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';

const { url, family, ca, out, upload } = JSON.parse(process.argv[2]);
const secure = url.startsWith('https:');
const request = (secure ? https : http).request(url, {
  family,
  ca: secure ? readFileSync(ca) : undefined,
  method: upload === null ? 'GET' : 'POST',
  headers: upload === null ? {} : { 'content-length': statSync(upload).size },
});
const responded = new Promise((resolve, reject) => {
  request.on('error', reject);
  request.on('response', (response) => {
    // The certificate is gone from the socket once the exchange is over.
    const fingerprint = secure ? response.socket.getPeerCertificate().fingerprint256 : null;
    resolve({ response, fingerprint });
  });
});
if (upload === null) request.end();
else createReadStream(upload).pipe(request);
const { response, fingerprint } = await responded;
await pipeline(response, createWriteStream(out));
process.stdout.write(`${JSON.stringify({ status: response.statusCode, fingerprint })}\n`);
