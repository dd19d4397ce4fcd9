import { z } from 'zod';
import { aligned } from '../aligned.ts';
import type { CommandContext } from '../command-context.ts';
import type { SandboxPlace } from '../sandbox-control.ts';
import { SandboxControl } from '../sandbox-control.ts';

const clockSchema = z.object({
  now: z.string(),
  scale: z.number(),
  frozen: z.boolean(),
  waitingTasks: z.int(),
  nextTaskAt: z.string().nullable(),
});

/** What is done to the clock; nothing shows it. */
export interface ClockChange {
  frozen?: boolean;
  scale?: number;
  /** A length of time such as `2d`. */
  advance?: string;
}

/** Shows the sandbox's clock, or freezes, thaws, rescales and advances it. */
export async function sandboxClock(
  context: CommandContext,
  options: SandboxPlace,
  change?: ClockChange,
): Promise<void> {
  const control = new SandboxControl(context, options);
  const clock =
    change === undefined
      ? await control.get('/clock', clockSchema)
      : await control.post('/clock', clockSchema, { body: change });
  const speed = clock.frozen
    ? 'frozen'
    : clock.scale === 1
      ? 'runs as the wall clock does'
      : `runs ${clock.scale} times as fast`;
  const next = clock.nextTaskAt === null ? '' : `, the next at ${clock.nextTaskAt}`;
  context.output.emit(
    { type: 'clock', ...clock },
    aligned([
      ['now', clock.now],
      ['clock', speed],
      ['waiting', `${clock.waitingTasks} tasks${next}`],
    ]),
  );
}
