import type { Delivery } from '../state/schema.ts';

interface Held {
  delivery: Delivery;
  /** Only deliveries of this request count; any of the endpoint when undefined. */
  requestId: unknown;
  /** How many others must go first. */
  left: number;
}

/** Deliveries that wait until others of their endpoint have gone. Kept in memory: after a restart their time limit lets them go. */
export class HeldBack {
  readonly #held = new Map<string, Held[]>();

  /** @param of whose deliveries count: the endpoint's, or only those of the same meeting request */
  hold(delivery: Delivery, behind: number, of: 'endpoint' | 'request'): void {
    const held = this.#held.get(delivery.endpointId) ?? [];
    held.push({ delivery, requestId: of === 'request' ? delivery.payload.id : undefined, left: behind });
    this.#held.set(delivery.endpointId, held);
  }

  /** A delivery has gone: returns those whose turn has come by that. */
  gone({ id, endpointId, payload }: Delivery): Delivery[] {
    const held = this.#held.get(endpointId);
    if (held === undefined) return [];
    const others = held.filter(({ delivery }) => delivery.id !== id);
    for (const one of others) if (one.requestId === undefined || one.requestId === payload.id) one.left -= 1;
    const still = others.filter(({ left }) => left > 0);
    if (still.length === 0) this.#held.delete(endpointId);
    else this.#held.set(endpointId, still);
    return others.filter(({ left }) => left <= 0).map(({ delivery }) => delivery);
  }
}
