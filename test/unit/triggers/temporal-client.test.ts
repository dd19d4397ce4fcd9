import type { Client } from '@temporalio/client';
import { expectTypeOf, it } from 'vitest';
import type { SignalClient } from '../../../triggers/index.ts';

it('the relay takes Temporal’s own client', () => {
  expectTypeOf<Client>().toExtend<SignalClient>();
});
