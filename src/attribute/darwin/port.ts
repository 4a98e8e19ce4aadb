import type { Pid } from '../../model/brand.ts';

/** The calls of macOS that attribution rests on, as bytes: what they mean is decoded elsewhere, and tested without a Mac. */
export interface DarwinPort {
  /** sysctl net.inet.tcp.pcblist_n; null when it was refused. The bytes are valid until the next call. Linear in sockets. */
  tcpSockets(): Uint8Array | null;
  /** proc_pidpath: the executable of a process; null when it is gone or its file is. */
  pidPath(pid: Pid): string | null;
  /** proc_pidinfo; null when the process is gone, is another user's, or filled in fewer than `sizeBytes`. */
  pidInfo(pid: Pid, flavor: number, sizeBytes: number): Uint8Array | null;
  /** csops; null when there is nothing to tell (not signed, not valid, gone). */
  codeSigning(pid: Pid, operation: number, sizeBytes: number): Uint8Array | null;
  /** responsibility_get_pid_responsible_for_pid; null when this system has no such call, or it knows none. */
  responsiblePid(pid: Pid): Pid | null;
  close(): void;
}
