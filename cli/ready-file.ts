import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const readySchema = z.object({
  pid: z.int(),
  temporal: z.string(),
  serve: z.string(),
  sandbox: z.string(),
  /** The configuration file that it was started with, absolute. */
  config: z.string().optional(),
});
export type ReadyStack = z.infer<typeof readySchema>;

const NAME = 'running.json';

/** Leaves word of a running `kickoff dev`, so that other commands in the same folder find it. Returns how to take it back. */
export function announceStack(dataDir: string, stack: Omit<ReadyStack, 'pid'>): () => void {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, NAME);
  writeFileSync(file, `${JSON.stringify({ pid: process.pid, ...stack })}\n`);
  return () => rmSync(file, { force: true });
}

/** The `kickoff dev` that runs in this data folder; undefined when none does. */
export function readyStack(dataDir: string): ReadyStack | undefined {
  try {
    const stack = readySchema.parse(JSON.parse(readFileSync(join(dataDir, NAME), 'utf8')));
    process.kill(stack.pid, 0);
    return stack;
  } catch (error) {
    // No file, a broken one, or one that a killed process has left: nobody is there.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
