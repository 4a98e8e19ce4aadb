import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

// Nobody owns them, and tests of whole worlds live there (RFC 5737, RFC 3849).
const DOCUMENTATION = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'].map((cidr) =>
  ipaddr.parseCIDR(cidr),
);
// Looks public, and is the host of an Azure machine: certificates and settings. The other metadata services have private addresses.
const AZURE_HOST = '168.63.129.16';
// 2000::/3 is all that is given out (RFC 4291, 2.4).
const GLOBAL_MASK = 0xe0;
const GLOBAL_BITS = 0x20;

/**
 * True for an address on the internet, the documentation ranges included. Everything that a machine uses for itself or its own
 * network is not, in whatever clothes: IPv4 inside IPv6 (mapped, 6to4, NAT64) counts as the IPv4 address it leads to; Teredo and
 * the other ways into IPv4 never lead to the internet.
 */
export function isInternetAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const parsed = ipaddr.process(address);
  if (DOCUMENTATION.some(([first, bits]) => first.kind() === parsed.kind() && parsed.match(first, bits))) {
    return true;
  }
  if (parsed instanceof ipaddr.IPv4) return parsed.range() === 'unicast' && parsed.toString() !== AZURE_HOST;
  const bytes = parsed.toByteArray();
  switch (parsed.range()) {
    case 'unicast':
      return ((bytes[0] ?? 0) & GLOBAL_MASK) === GLOBAL_BITS;
    case 'rfc6052':
      // Only the well-known prefix: in the local one (RFC 8215) the network decides where the IPv4 address stands.
      return bytes.slice(4, 12).every((byte) => byte === 0) && isInternetAddress(bytes.slice(12).join('.'));
    case '6to4':
      return isInternetAddress(bytes.slice(2, 6).join('.'));
    default:
      return false;
  }
}
