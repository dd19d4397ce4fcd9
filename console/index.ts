/** The console: server-rendered pages over the read model, and what a person may do from them. */
export type { AccessOptions, OidcOptions } from './access/options.ts';
export { consolePages } from './console-pages.ts';
export type { ConsoleContext, ConsoleLogger } from './context.ts';
export type { SandboxControl } from './sandbox/control.ts';
