import type { ActivityEvent } from '../activities/index.ts';
import type { SandboxEvent } from '../sandbox/index.ts';
import type { OnTriggerEvent } from '../triggers/index.ts';

type TriggerEvent = Parameters<OnTriggerEvent>[0];

/** Everything that happens in an embedded stack, with the room that tells it. */
export type LiveEvent =
  | { room: 'triggers'; event: TriggerEvent }
  | { room: 'activities'; event: ActivityEvent }
  | { room: 'sandbox'; event: SandboxEvent };

export type OnLiveEvent = (event: LiveEvent) => void;
