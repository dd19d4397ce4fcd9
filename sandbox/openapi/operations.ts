import { endpointOperations } from './endpoint-operations.ts';
import { meetingRequestOperations } from './meeting-request-operations.ts';
import { memberOperations } from './member-operations.ts';
import type { Operation } from './operation.ts';

/** Every call of SkipUp's API, by its operationId. */
export const operations = { ...meetingRequestOperations, ...memberOperations, ...endpointOperations };

/** In the order in which they are shown. */
export const allOperations: readonly Operation[] = Object.values(operations);

const patterns = allOperations.map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/** The methods that a path below the prefix has; none for one that there is not. */
export function methodsOf(path: string): string[] {
  const methods = patterns.flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : []));
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}
