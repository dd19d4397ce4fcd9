import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../config/index.ts';
import { temporalLogger } from '../../../worker/index.ts';

describe('temporalLogger', () => {
  it('passes level, message and facts on; errors with their stack, big integers as text', () => {
    const lines: string[] = [];
    const logger = temporalLogger(createLogger({ level: 'trace', destination: { write: (line) => lines.push(line) } }));
    logger.warn('activity failed', { attempt: 2, error: new Error('boom'), timestampNanos: 1n, size: 5n });
    logger.log('DEBUG', 'polling');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 'warn',
        msg: 'activity failed',
        attempt: 2,
        size: '5',
        err: expect.objectContaining({ message: 'boom', stack: expect.stringContaining('Error: boom') }),
      }),
      expect.objectContaining({ level: 'debug', msg: 'polling' }),
    ]);
    expect(lines[0]).not.toContain('timestampNanos');
  });
});
