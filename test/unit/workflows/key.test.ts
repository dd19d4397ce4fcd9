import { expect, it } from 'vitest';
import { kickoffKey } from '../../../workflows/kickoff/key.ts';

it.each([
  ['the deal and the day', { dealId: 'acme-corp', revision: 1 }, 'impl:acme-corp:kickoff:2026-02-10'],
  ['a workstream before the day', { dealId: '7', workstream: 'data', revision: 1 }, 'impl:7:kickoff:data:2026-02-10'],
  ['a later revision in the workstream’s place', { dealId: '7', revision: 2 }, 'impl:7:kickoff:r2:2026-02-10'],
  [
    'a later revision of a workstream',
    { dealId: '7', workstream: 'data', revision: 3 },
    'impl:7:kickoff:data.r3:2026-02-10',
  ],
])('the key is made of %s', (_name, request, key) => {
  expect(kickoffKey({ ...request, date: '2026-02-10' })).toBe(key);
});
