/** A domain document built from the example of RFC 9083, section 5.3; no answer of a real registry. */
export function rdapDocument(name: string): object {
  return {
    rdapConformance: ['rdap_level_0'],
    objectClassName: 'domain',
    handle: 'XXXX',
    ldhName: name,
    nameservers: [{ objectClassName: 'nameserver', ldhName: 'ns1.example.com', status: ['active'] }],
    status: ['locked', 'transfer prohibited'],
    publicIds: [{ type: 'ENS_Auth ID', identifier: '1234567890' }],
    entities: [
      {
        objectClassName: 'entity',
        handle: 'XXXX',
        vcardArray: [
          'vcard',
          [
            ['version', {}, 'text', '4.0'],
            ['fn', {}, 'text', 'Joe User'],
          ],
        ],
        roles: ['registrant'],
        events: [{ eventAction: 'registration', eventDate: '1980-12-31T23:59:59Z' }],
      },
    ],
    events: [
      { eventAction: 'registration', eventDate: '1990-12-31T23:59:59Z' },
      { eventAction: 'last changed', eventDate: '1991-12-31T23:59:59Z', eventActor: 'joe@example.com' },
      { eventAction: 'expiration', eventDate: '2046-12-31T23:59:59Z' },
    ],
    port43: 'whois.example.net',
    secureDNS: { zoneSigned: true, delegationSigned: false },
  };
}
