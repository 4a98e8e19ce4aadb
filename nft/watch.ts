import type { Socket } from 'bun';
import type { LinuxLibc } from '../src/system/libc.ts';
import { SOCK_CLOEXEC, SOCK_NONBLOCK } from '../src/system/listen-socket.ts';
import { nativeMemory } from '../src/system/native-memory.ts';
import { type TableChange, TableEvents } from './table-events.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_NETFILTER = 12;
/** struct sockaddr_nl of netlink(7): family, pad, port, groups as bits. */
const SOCKADDR_NL_BYTES = 12;
const GROUPS_AT = 8;
/** NFNLGRP_NFTABLES is 7. */
const NFTABLES_GROUP = 1 << (7 - 1);
const REOPEN_MS = 1_000;

/** Told of every transaction that touched our table, the own ones too; null: some may have been missed. */
export type OnTableChange = (change: TableChange | null) => void;

/**
 * Listens to what the kernel tells of changes to nftables, until closed. A socket that overruns (ENOBUFS) or ends otherwise is replaced
 * at once, and one that cannot be opened is tried again every second; each time the caller hears that something may have been missed.
 */
export class TableWatch {
  #closed = false;
  #socket: Socket | null = null;

  constructor(
    private readonly libc: LinuxLibc,
    private readonly onChange: OnTableChange,
  ) {
    this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.terminate();
  }

  #open(): void {
    const fd = this.#subscribe();
    if (fd === null) {
      this.#reopenLater();
      return;
    }
    const events = new TableEvents();
    const tell = (bytes: Uint8Array): void => {
      if (!this.#closed) for (const change of events.push(bytes)) this.onChange(change);
    };
    const options = {
      fd,
      socket: {
        binaryType: 'uint8array' as const,
        data: (_: Socket, bytes: Uint8Array) => tell(bytes),
        close: () => this.#ended(),
        error: () => undefined,
      },
    };
    // The typings know no descriptor here; Bun adopts one of any kind (docs/facts/bun-ink.md, "Sockets").
    Bun.connect(options as unknown as Parameters<typeof Bun.connect>[0]).then(
      (socket) => {
        this.#socket = socket as Socket;
        if (this.#closed) socket.terminate();
      },
      () => this.#reopenLater(),
    );
  }

  /** The descriptor of a socket that hears of nftables; null when the kernel gives none. */
  #subscribe(): number | null {
    const { c } = this.libc;
    const fd = c.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
    if (fd < 0) return null;
    const { view, address } = nativeMemory(SOCKADDR_NL_BYTES);
    view.setUint16(0, AF_NETLINK, true);
    view.setUint32(GROUPS_AT, NFTABLES_GROUP, true);
    if (c.bind(fd, address, SOCKADDR_NL_BYTES) === 0) return fd;
    c.close(fd);
    return null;
  }

  #ended(): void {
    this.#socket = null;
    if (this.#closed) return;
    // In this order: what happens after the look that the caller takes is heard.
    this.#open();
    this.onChange(null);
  }

  #reopenLater(): void {
    if (!this.#closed) setTimeout(() => this.#ended(), REOPEN_MS);
  }
}
