/** What the end-to-end suite asks of a target: written once, run against every target that has a driver. */

/** One service's part of `flotilla:overrides`. */
export type Overrides = Record<string, Record<string, unknown>>;

/** What a command of ours printed and how it ended. */
export interface CommandResult {
  exitCode: number;
  output: string;
}

/** A container as it runs, as far as the suite compares it. */
export interface RunningContainer {
  id: string;
  startedAt: string;
}

export interface Driver {
  /** Where the gateway answers. */
  readonly url: string;
  /** Seconds after an `up` with a higher minimum in which as many replicas are found. */
  readonly scalesWithinSeconds: number;
  /** Name of the volume that holds the shop's data. */
  readonly dataVolume: RegExp;
  /** What `down --keep-data` leaves, in the order of {@link leftovers}. */
  readonly keptData: RegExp[];
  /** What `exec` says where the target cannot do it; undefined where it can. */
  readonly refusesExec?: RegExp;
  /** Brings the stack to the shop's description with these overrides. */
  up(overrides?: Overrides): Promise<CommandResult>;
  down(...options: string[]): Promise<CommandResult>;
  /** Runs another of our commands on the stack. */
  command(...words: string[]): Promise<CommandResult>;
  /** Forwards a free port of this machine to a service's; `end` interrupts it, and tells its exit code. */
  portForward(service: string, port: number): Promise<{ url: string; end(): Promise<number> }>;
  /** All running containers of the stack, by name. */
  running(): Promise<Map<string, RunningContainer>>;
  /** Output of one replica's main container. */
  logs(service: string, replica: number): Promise<string>;
  /** Ends every container of one replica at once, as a crash of its machine would. */
  kill(service: string, replica: number): Promise<void>;
  /** Addresses of a service's live instances, as the first replica of `caller` finds them. */
  instances(caller: string, service: string): Promise<string[]>;
  /** What of the stack is left on the target, by kind and name. */
  leftovers(): Promise<string[]>;
}
