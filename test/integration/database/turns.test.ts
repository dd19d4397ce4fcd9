import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { takeTurn } from '../../../database/index.ts';
import { turnPace } from '../../../database/turn-pace.ts';
import { eachDatabase } from '../../harness/databases.ts';

eachDatabase('turns', (open) => {
  it('are given to one of many who ask at the same time', async () => {
    const { db } = await open();
    const asked = { name: 'at once', perMinute: 1 };
    const answers = await Promise.all(Array.from({ length: 20 }, () => takeTurn(db, asked)));
    expect(answers.filter((wait) => wait === 0)).toHaveLength(1);
    // Who asked at the very first moment is told to ask again at once; from then on it is known how long it will be.
    const { intervalMs } = turnPace(1);
    const wait = await takeTurn(db, asked);
    expect(wait).toBeGreaterThan(intervalMs - 30_000);
    expect(wait).toBeLessThanOrEqual(intervalMs);
  });

  it('that were taken late are made up for, by no more than the slack', async () => {
    const { db } = await open();
    const asked = { name: 'late', perMinute: 120 };
    await takeTurn(db, asked);
    await sql`update turns set next_at = clock_timestamp() - interval '1 hour' where name = 'late'`.execute(db);
    expect(await takeTurn(db, asked)).toBe(0);
    const { rows } = await sql<{ ahead: number }>`
      select extract(epoch from next_at - clock_timestamp())::float8 * 1000 as ahead from turns where name = 'late'
    `.execute(db);
    const { intervalMs, slackMs } = turnPace(120);
    // The database keeps microseconds.
    expect(rows[0]?.ahead).toBeLessThanOrEqual(intervalMs - slackMs + 0.001);
  });

  it('come at once to the hurried, and a little later to the patient', async () => {
    const { db } = await open();
    await takeTurn(db, { name: 'hurry', perMinute: 120 });
    await sql`update turns set next_at = clock_timestamp() where name = 'hurry'`.execute(db);
    const wait = await takeTurn(db, { name: 'hurry', perMinute: 120, patienceMs: 60_000 });
    expect(wait).toBeGreaterThan(30_000);
    expect(await takeTurn(db, { name: 'hurry', perMinute: 120 })).toBe(0);
  });

  it('do not stay away when the clock was set back or the limit was raised', async () => {
    const { db } = await open();
    await takeTurn(db, { name: 'astray', perMinute: 1 });
    await sql`update turns set next_at = clock_timestamp() + interval '1 hour' where name = 'astray'`.execute(db);
    expect(await takeTurn(db, { name: 'astray', perMinute: 1 })).toBe(0);
    expect(await takeTurn(db, { name: 'astray', perMinute: 1 })).toBeGreaterThan(0);
  });
});
