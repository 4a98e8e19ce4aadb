/**
 * Ports whose protocols all begin with the client: the server says nothing before it (IANA, Service Name and Transport Protocol Port
 * Number Registry; the protocols' own specifications). Left out are ports where a server may greet (21, 22, 23, 25, 110, 119, 143, 194,
 * 587, 873, 3306, 4190, 5900, 6667) or where both sides begin (179).
 */
const CLIENT_FIRST: ReadonlySet<number> = new Set([
  ...[80, 591, 631, 8000, 8008, 8080, 8081, 8088, 8888, 3128], // HTTP, IPP, HTTP proxies
  ...[443, 832, 4443, 6443, 8443, 8448, 9443], // HTTPS
  ...[465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 3269, 5061, 5223, 5349, 5671, 6697, 8883], // other protocols inside TLS
  ...[53, 70, 79, 88, 389, 464, 515, 3268], // DNS, Gopher, Finger, Kerberos, LDAP, LPD
  ...[135, 139, 445, 3389], // RPC, NetBIOS sessions, SMB, RDP
  ...[554, 1080, 1883, 3478, 5060, 5222, 5269, 5672, 9418], // RTSP, SOCKS, MQTT, STUN, SIP, XMPP, AMQP, git
  ...[1433, 1521, 5432, 6379, 9042, 9092, 9200, 11211, 27017], // MS SQL, Oracle, PostgreSQL, Redis, Cassandra, Kafka, Elasticsearch, memcached, MongoDB
  ...[2375, 2376, 2379, 2380], // Docker, etcd
]);

/** Whether at this port a server is never the first to speak, so that a silent client waits for nothing. */
export function clientSpeaksFirst(port: number): boolean {
  return CLIENT_FIRST.has(port);
}
