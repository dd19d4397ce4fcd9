import type { InboundRequest } from './port.ts';

/**
 * The value of a header that may come only once.
 *
 * @param name lower-cased
 * @returns undefined when the header is absent, empty or came as a list
 */
export function singleHeader(request: InboundRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
