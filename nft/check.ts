import { readFileSync } from 'node:fs';
import type { CheckItem } from '../src/model/check-item.ts';
import type { InterceptPlan } from '../src/model/intercept-plan.ts';
import { systemProgram } from '../src/system/run-program.ts';
import { checkGroup } from './group.ts';
import { checkTable, nftVersion } from './runner.ts';
import { renderTable } from './table.ts';

// linux/capability.h
const CAP_SETGID = 6;
const CAP_NET_BIND_SERVICE = 10;
const CAP_NET_ADMIN = 12;
const CAP_SYS_PTRACE = 19;
/** `inet` tables with NAT need it (and Linux 5.2). */
const NFT_MIN = [0, 9, 1];
/** Connection tracking this full is close to dropping connections. */
const CONNTRACK_FULL = 0.9;
/** The first port that needs no privilege (ip-sysctl.rst); Linux 4.11. */
const FIRST_FREE_PORT = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
const CONNTRACK = '/proc/sys/net/netfilter/nf_conntrack_';

// Any numbers do: the kernel reads it and takes nothing from it.
const SAMPLE: InterceptPlan = {
  port: 297,
  gid: 65_533,
  skip: ['127.0.0.0/8', '::1/128'],
  ports: [443],
  rejectUdp443: true,
};

/**
 * What interception needs of this machine, one item each; changes nothing. `port`: the proxy's. `deep` adds what may be better, but keeps
 * nobody from starting: who else could take the group's place is asked of thousands of files.
 */
export async function checkMachine(
  group: string,
  port: number,
  deep: boolean,
): Promise<readonly CheckItem[]> {
  const privilege = checkPrivilege();
  const canAsk = privilege.state !== 'fail' && systemProgram('nft') !== null;
  const [nft, said] = await Promise.all([checkNft(), canAsk ? checkKernel() : null]);
  const kernel = said === null || nft.state === 'fail' ? [] : [said];
  if (!deep) return [privilege, nft, ...kernel];
  const tracking = kernel.length === 0 ? [] : [checkConntrack()];
  const doors = [
    checkPort(port, textOf(FIRST_FREE_PORT), textOf('/proc/self/status') ?? ''),
    checkForwarding(),
  ];
  return [privilege, nft, ...kernel, ...tracking, ...doors, await checkGroup(group)];
}

function checkPrivilege(): CheckItem {
  const name = 'privilege';
  const effective = readCapabilities(textOf('/proc/self/status') ?? '');
  if (effective === null) {
    return { name, state: 'unknown', detail: '/proc/self/status cannot be read', remedy: 'mount /proc' };
  }
  const lacks = (bit: number): boolean => lacksBit(effective, bit);
  if (lacks(CAP_NET_ADMIN) || lacks(CAP_SETGID)) {
    return { name, state: 'fail', detail: 'CAP_NET_ADMIN or CAP_SETGID missing', remedy: 'run it with sudo' };
  }
  if (lacks(CAP_SYS_PTRACE)) {
    const detail = "CAP_SYS_PTRACE missing: other users' programs stay unknown";
    return {
      name,
      state: 'warn',
      detail,
      remedy: 'run it with sudo, or add the capability to the container',
    };
  }
  return { name, state: 'ok', detail: 'may change the network and look into processes', remedy: null };
}

/** The effective capabilities in /proc/PID/status (`CapEff:`, hexadecimal) as a bit set; null when the line is not there. */
export function readCapabilities(status: string): bigint | null {
  const hex = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1];
  return hex === undefined ? null : BigInt(`0x${hex}`);
}

function lacksBit(capabilities: bigint, bit: number): boolean {
  return (capabilities & (1n << BigInt(bit))) === 0n;
}

async function checkNft(): Promise<CheckItem> {
  const version = await nftVersion();
  if (version === null) {
    return {
      name: 'nft',
      state: 'fail',
      detail: 'no nft that belongs to root in /usr/sbin, /sbin, /usr/bin, /bin or /usr/local/sbin',
      remedy: 'install nftables: apt install nftables, dnf install nftables, apk add nftables',
    };
  }
  if (isOldNft(version)) {
    return {
      name: 'nft',
      state: 'fail',
      detail: `${version} is too old`,
      remedy: `install nftables ${NFT_MIN.join('.')} or newer`,
    };
  }
  return { name: 'nft', state: 'ok', detail: version, remedy: null };
}

/** True when `nft --version` names a version that is too old; a text without a version is given the benefit of the doubt. */
export function isOldNft(version: string): boolean {
  const numbers = /v(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(version)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (numbers === undefined) return false;
  for (const [i, least] of NFT_MIN.entries()) {
    const have = numbers[i] ?? 0;
    if (have !== least) return have < least;
  }
  return false;
}

async function checkKernel(): Promise<CheckItem> {
  const name = 'kernel support';
  const error = await checkTable(renderTable(SAMPLE));
  if (error === null) return { name, state: 'ok', detail: 'takes the rules', remedy: null };
  return {
    name,
    state: 'fail',
    detail: error,
    remedy:
      "Linux 5.2 or newer with nf_tables, nft_nat, nft_redir, nft_fib_inet, nft_reject_inet, nft_socket and nf_conntrack; in a container, NET_ADMIN and the host's modules",
  };
}

function checkConntrack(): CheckItem {
  const name = 'connection tracking';
  const max = Number(textOf(`${CONNTRACK}max`) ?? Number.NaN);
  const count = Number(textOf(`${CONNTRACK}count`) ?? Number.NaN);
  if (Number.isNaN(max) || Number.isNaN(count)) {
    // The module is loaded with the first rule that needs it.
    return { name, state: 'unknown', detail: 'not loaded yet', remedy: null };
  }
  if (count < max * CONNTRACK_FULL)
    return { name, state: 'ok', detail: `${count} of ${max} entries used`, remedy: null };
  return {
    name,
    state: 'warn',
    detail: `${count} of ${max} entries used; past the limit the kernel drops new connections`,
    remedy: `sysctl -w net.netfilter.nf_conntrack_max=${max * 4}`,
  };
}

/** Who else may listen on the proxy's port. `firstFree` is the text of the sysctl, null when there is none; `status` that of /proc/self/status. */
export function checkPort(port: number, firstFree: string | null, status: string): CheckItem {
  const name = 'proxy port';
  const free = Number(firstFree ?? 1_024);
  if (port >= free) {
    const detail = `any user may listen on ${port} while no engine does (net.ipv4.ip_unprivileged_port_start is ${free}); connections are not sent there, and the engine then takes another port`;
    const remedy =
      free > 1
        ? `set proxy.port below ${Math.min(free, 600)}`
        : 'sysctl -w net.ipv4.ip_unprivileged_port_start=1024';
    return { name, state: 'warn', detail, remedy };
  }
  const effective = readCapabilities(status);
  if (effective !== null && lacksBit(effective, CAP_NET_BIND_SERVICE)) {
    const detail = `CAP_NET_BIND_SERVICE missing: ${port} cannot be listened on`;
    return { name, state: 'fail', detail, remedy: `run it with sudo, or set proxy.port to ${free} or above` };
  }
  return { name, state: 'ok', detail: `${port}: no ordinary user may listen on it`, remedy: null };
}

function checkForwarding(): CheckItem {
  const name = 'forwarded traffic';
  const forwards = ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'].some(
    (path) => textOf(`/proc/sys/net/${path}`)?.trim() === '1',
  );
  if (!forwards) return { name, state: 'ok', detail: 'this machine forwards nothing', remedy: null };
  return {
    name,
    state: 'warn',
    detail:
      'this machine forwards for others: containers and virtual machines with a network of their own are not filtered',
    remedy: 'give what is to be filtered the network of the host',
  };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // Absent: the caller says what that means.
  }
}
