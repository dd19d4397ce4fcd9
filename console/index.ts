/** The console: server-rendered pages over the read model. It reads and never writes. */
export { type ConsoleLogger, type ConsoleOptions, consolePages } from './console-pages.ts';
