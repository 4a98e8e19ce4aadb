import { z } from 'zod';
import { Background } from './background.ts';
import { must } from './run.ts';
import type { World } from './world.ts';

const UID = 1_000;
const CLIENT = `${import.meta.dir}/../clients/squat.py`;

const squattedSchema = z.object({
  listened: z.int(),
  accepted: z.int(),
  bytes: z.int(),
  refused: z.record(z.string(), z.int()),
});

/** What squatters got, all together. */
export type Squatted = z.infer<typeof squattedSchema>;

/** Another user's programs that try to listen on ports at every moment; one of them is root in a user namespace of its own. */
export class Squatters {
  private constructor(private readonly programs: readonly Background[]) {}

  /** `holdMs`: how long they keep a port at most before they let go and try again. */
  static async start(world: World, ports: readonly number[], holdMs: number): Promise<Squatters> {
    const command = ['python3', CLIENT, JSON.stringify({ ports, holdMs })];
    const ways = [false, true].map((ownUsers) => Background.start(world, command, { uid: UID, ownUsers }));
    return new Squatters(await Promise.all(ways));
  }

  /** Ends them, and gives what they got. */
  async end(): Promise<Squatted> {
    const all = await Promise.all(
      this.programs.map(async (program) => squattedSchema.parse(await program.end())),
    );
    const sum: Squatted = { listened: 0, accepted: 0, bytes: 0, refused: {} };
    for (const { listened, accepted, bytes, refused } of all) {
      sum.listened += listened;
      sum.accepted += accepted;
      sum.bytes += bytes;
      for (const [name, count] of Object.entries(refused))
        sum.refused[name] = (sum.refused[name] ?? 0) + count;
    }
    return sum;
  }
}

/** Sets from which port on any user may listen on the machine. */
export async function freePortsFrom(world: World, port: number): Promise<void> {
  const setting = `net.ipv4.ip_unprivileged_port_start=${port}`;
  await must(['ip', 'netns', 'exec', world.names.client, 'sysctl', '-qw', setting]);
}
