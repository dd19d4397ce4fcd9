import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ControlError } from '../errors.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import { readDuration } from '../time/instant.ts';
import type { Workspace } from '../workspace.ts';
import { readBody } from './read.ts';

const clockChangeSchema = z.strictObject({
  frozen: z.boolean().optional(),
  /** Virtual seconds in a real one. */
  scale: z.number().positive().max(10_000_000).optional(),
  /** Milliseconds, or text such as `90m` or `2d`. What becomes due on the way is done before the call is answered. */
  advance: z
    .union([z.number(), z.string()])
    .transform((given, context) => {
      const ms = readDuration(given);
      if (ms !== undefined) return ms;
      context.addIssue({ code: 'custom', message: 'Not a length of time (one reads like 90m, 2d or 1d12h)' });
      return z.NEVER;
    })
    .optional(),
  /** An instant to advance to. */
  now: z.iso.datetime({ offset: true }).optional(),
});

/** The clock, and what it will do next. */
export function clockView({ clock, agenda }: Workspace) {
  const { nextDueAt } = agenda;
  return {
    now: new Date(clock.now()).toISOString(),
    scale: clock.scale,
    frozen: clock.frozen,
    waitingTasks: agenda.size,
    nextTaskAt: nextDueAt === undefined ? null : new Date(nextDueAt).toISOString(),
  };
}

/** `/clock`: read it, freeze it, rescale it, move it forward. */
export function clockRoutes(control: FastifyInstance): void {
  control.get('/clock', async (request) => clockView(sandboxedOf(request).workspace));
  control.post('/clock', async (request) => {
    const { workspace } = sandboxedOf(request);
    const { clock, agenda } = workspace;
    const change = readBody(request, clockChangeSchema);
    if (change.frozen !== undefined) clock.setFrozen(change.frozen);
    if (change.scale !== undefined) clock.setScale(change.scale);
    agenda.clockChanged();
    if (change.now !== undefined) {
      const ahead = Date.parse(change.now) - clock.now();
      if (ahead < 0) throw new ControlError(409, 'The clock goes forward only; reset the sandbox to start again.');
      await agenda.advance(ahead);
    }
    if (change.advance !== undefined) await agenda.advance(change.advance);
    workspace.changed();
    return clockView(workspace);
  });
}
