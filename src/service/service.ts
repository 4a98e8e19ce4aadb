/** What a service manager knows of our service. */
export interface ServiceState {
  readonly manager: 'systemd' | 'launchd';
  /** False in a container, or while an image is built: nothing can be started and nothing runs. */
  readonly isManaging: boolean;
  /** The file that makes the service; null when it is not installed. */
  readonly file: string | null;
  /** Whether the file came with a package, which alone may remove it. */
  readonly isPackaged: boolean;
  /** Whether `service install` put the program at `PROGRAM_COPY`. */
  readonly hasCopy: boolean;
  /** Whether it is started at boot. */
  readonly isEnabled: boolean;
  readonly run: 'running' | 'starting' | 'stopping' | 'stopped' | 'failed';
  /** Of the engine that it runs. */
  readonly pid: number | null;
}

/** A service manager; each call throws with what it tried and what its tool said. */
export interface ServiceManager {
  /** What a person types to start the service again. */
  readonly startCommand: string;
  look(): Promise<ServiceState>;
  /** Writes the file of the service; `command` is an absolute program and its arguments. */
  write(command: readonly [string, ...string[]], isCopy: boolean): void;
  /** From now on it is started at boot. */
  enable(): Promise<void>;
  /** Starts it anew, with the file as it is now. */
  restart(): Promise<void>;
  /** Stops it until the next boot. */
  stop(): Promise<void>;
  /** Stops it for good, and removes its file unless that came with a package. */
  remove(): Promise<void>;
}

/** The service that this machine has; null when there is none. */
export type InstalledService = { readonly manager: ServiceManager; readonly state: ServiceState };
