import { cleanText } from '../src/model/clean.ts';
import { RELEASED, TABLE } from './table.ts';

/** What one transaction did to our table, or to anything in it. */
export interface TableChange {
  /** The handle of the table that the transaction made, as `readTableHandle` gives it; null when it made none. */
  readonly handle: string | null;
  /** The program that sent the transaction, as the kernel names it, with its process id in the first pid namespace. */
  readonly by: string;
  /** True when it put our table out of force as `renderRelease` does. */
  readonly released: boolean;
}

// linux/netfilter/nfnetlink.h and nf_tables.h. The attribute that names the table is 1 in every kind of message.
const SUBSYS_NFTABLES = 10;
const NEWTABLE = 0;
const NEWRULE = 6;
const NEWGEN = 15;
const NFPROTO_INET = 1;
const TABLE_NAME = 1;
const TABLE_HANDLE = 4;
/** What nft keeps beside a rule: its comment among it. */
const RULE_USERDATA = 7;
const GEN_PROC_PID = 2;
const GEN_PROC_NAME = 3;
const HEADER_BYTES = 16;
const NFGENMSG_BYTES = 4;
const ATTRIBUTE_HEADER_BYTES = 4;
const TYPE_MASK = 0x3fff;
const latin1 = new TextDecoder('latin1');
const NAME = new TextEncoder().encode(`${TABLE}\0`);

/**
 * Reads what the kernel tells of changes to nftables (NFNLGRP_NFTABLES): messages on each thing that changed, and after them one that
 * ends the transaction and names its sender. A transaction may take several datagrams; a message is always whole in one.
 */
export class TableEvents {
  #touched = false;
  #handle: string | null = null;
  #released = false;

  /** Takes one datagram or several whole ones; gives the transactions that ended in it and touched our table. Never throws. */
  push(datagram: Uint8Array): TableChange[] {
    const changes: TableChange[] = [];
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    for (let at = 0; at + HEADER_BYTES + NFGENMSG_BYTES <= view.byteLength; ) {
      const size = view.getUint32(at, true);
      if (size < HEADER_BYTES + NFGENMSG_BYTES || at + size > view.byteLength) break;
      const type = view.getUint16(at + 4, true);
      if (type >> 8 === SUBSYS_NFTABLES) this.#message(view, at, size, type & 0xff, changes);
      at += align(size);
    }
    return changes;
  }

  #message(view: DataView, at: number, size: number, kind: number, changes: TableChange[]): void {
    const attributes = readAttributes(view, at + HEADER_BYTES + NFGENMSG_BYTES, at + size);
    if (kind === NEWGEN) {
      if (this.#touched)
        changes.push({ handle: this.#handle, by: senderOf(attributes), released: this.#released });
      this.#touched = false;
      this.#handle = null;
      this.#released = false;
      return;
    }
    const name = attributes.get(TABLE_NAME);
    if (view.getUint8(at + HEADER_BYTES) !== NFPROTO_INET || name === undefined || !isOurs(name)) return;
    this.#touched = true;
    const handle = attributes.get(TABLE_HANDLE);
    if (kind === NEWTABLE && handle?.byteLength === 8) this.#handle = String(handle.getBigUint64(0));
    const beside = attributes.get(RULE_USERDATA);
    if (kind === NEWRULE && beside !== undefined && latin1.decode(beside).includes(RELEASED))
      this.#released = true;
  }
}

/** The attributes between two places, by type; what does not fit ends the reading. */
function readAttributes(view: DataView, from: number, to: number): ReadonlyMap<number, DataView> {
  const attributes = new Map<number, DataView>();
  for (let at = from; at + ATTRIBUTE_HEADER_BYTES <= to; ) {
    const size = view.getUint16(at, true);
    if (size < ATTRIBUTE_HEADER_BYTES || at + size > to) break;
    const start = view.byteOffset + at + ATTRIBUTE_HEADER_BYTES;
    const value = new DataView(view.buffer, start, size - ATTRIBUTE_HEADER_BYTES);
    attributes.set(view.getUint16(at + 2, true) & TYPE_MASK, value);
    at += align(size);
  }
  return attributes;
}

function isOurs(name: DataView): boolean {
  return name.byteLength === NAME.length && NAME.every((byte, i) => name.getUint8(i) === byte);
}

function senderOf(attributes: ReadonlyMap<number, DataView>): string {
  const name = attributes.get(GEN_PROC_NAME);
  const pid = attributes.get(GEN_PROC_PID);
  const text = name === undefined ? '' : new TextDecoder().decode(name).replace(/\0.*$/s, '');
  const program = text === '' ? 'another program' : cleanText(text);
  return pid?.byteLength === 4 ? `${program} (pid ${pid.getUint32(0)})` : program;
}

function align(size: number): number {
  return (size + 3) & ~3;
}
