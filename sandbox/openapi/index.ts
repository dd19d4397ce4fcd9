/** The sandbox's contract: what each call takes and answers, as routes check it and as outsiders read it. */
export { API_PREFIX } from './document.ts';
export type { Operation } from './operation.ts';
export { methodsOf, operations } from './operations.ts';
export { contractRoutes } from './routes.ts';
