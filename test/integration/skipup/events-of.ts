import { z } from 'zod';
import type { Received, Receiver } from '../../unit/sandbox/running.ts';

const payloadSchema = z.looseObject({ event: z.string(), timestamp: z.string() });

/** The payload of one delivery. */
export function payloadOf({ raw }: Received): z.infer<typeof payloadSchema> {
  return payloadSchema.parse(JSON.parse(raw));
}

/** Which events a receiver has got, in order. */
export function eventsOf({ received }: Receiver): string[] {
  return received.map((delivery) => payloadOf(delivery).event);
}

/** A header of a delivery that came once. */
export function headerOf({ headers }: Received, name: string): string {
  return z.string().parse(headers[name]);
}
