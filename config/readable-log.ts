import { z } from 'zod';

const lineSchema = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().optional() });
const errorSchema = z.looseObject({ message: z.string() });

/** One JSON log line as a person reads it: `12:03:01 info  relay stopped  rows=3`. */
export function readable(line: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return line;
    throw error;
  }
  const checked = lineSchema.safeParse(parsed);
  if (!checked.success) return line;
  const { level, time, msg, ...fields } = checked.data;
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${[msg ?? '', ...facts].join('  ').trim()}\n`;
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return value;
  const error = errorSchema.safeParse(value);
  return error.success ? error.data.message : JSON.stringify(value);
}
