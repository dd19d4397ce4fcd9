import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../config/index.ts';

function capture(): { lines: string[]; write(line: string): void } {
  const lines: string[] = [];
  return { lines, write: (line) => lines.push(line) };
}

describe('createLogger', () => {
  it('writes one JSON object a line, with the level’s name and an ISO time', () => {
    const out = capture();
    createLogger({ level: 'info', destination: out }).info({ rows: 3 }, 'relay stopped');
    const line: unknown = JSON.parse(out.lines[0] ?? '');
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      rows: 3,
      msg: 'relay stopped',
    });
  });

  it('blots out secrets by the name of their field, three levels deep', () => {
    const out = capture();
    const logger = createLogger({ level: 'info', destination: out });
    logger.info({ apiKey: 'aaa1', skipup: { webhookSecrets: ['aaa2'] }, req: { headers: { authorization: 'aaa3' } } });
    expect(out.lines[0]).not.toMatch(/aaa\d/);
    expect(out.lines[0]?.match(/\[redacted\]/g)).toHaveLength(3);
  });

  it('blots out a known secret’s value wherever it appears, also in a stack', () => {
    const out = capture();
    const secret = 'whsec_"quoted"_value';
    const logger = createLogger({ level: 'info', destination: out, secrets: [secret, 'x'] });
    logger.error(
      { err: new Error(`refused ${secret}`), nested: { deep: { deeper: { deepest: secret } } } },
      `at ${secret}`,
    );
    expect(out.lines[0]).not.toContain('quoted');
    expect(out.lines[0]).toContain('refused [redacted]');
    expect(out.lines[0]).toContain('at [redacted]');
  });

  it('writes a line for people when asked', () => {
    const out = capture();
    const logger = createLogger({ level: 'info', destination: out, pretty: true, secrets: ['hidden-value'] });
    logger.warn({ rows: 3, err: new Error('boom with hidden-value') }, 'relay waits');
    expect(out.lines[0]).toMatch(/^\d\d:\d\d:\d\d warn {2}relay waits {2}rows=3 {2}err=boom with \[redacted\]\n$/);
  });

  it('keeps quiet below its level', () => {
    const out = capture();
    createLogger({ level: 'warn', destination: out }).info('unheard');
    expect(out.lines).toEqual([]);
  });
});
