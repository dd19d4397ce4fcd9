import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import type { Database } from '../database/index.ts';
import type { AssemblyPolicy } from '../registry/index.ts';
import type { SkipUpClient } from '../skipup/index.ts';
import type { AccessOptions } from './access/options.ts';
import type { TakeUpLead } from './leads/take-up-lead.ts';
import type { StreamOptions } from './live/stream-options.ts';
import type { SandboxControl } from './sandbox/control.ts';

/** As much of a logger as this room needs; a pino logger is one. */
export interface ConsoleLogger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

/** What the console's pages stand on. */
export interface ConsoleContext {
  database: Database;
  /** Through which everything that is done to a workflow goes, and how those that run are asked. */
  client: Client;
  access: AccessOptions;
  logger: ConsoleLogger;
  /** Where workflows are shown, with the namespace: `http://host:8233/namespaces/default`. Undefined: no links there. */
  temporalUi?: string | undefined;
  /** The CRMs that are configured, by name: `hubspot`. */
  crms: readonly string[];
  /** Named workstreams of the configuration. */
  workstreams: readonly string[];
  /** Whom a kickoff needs, for the main one (`''`) and each workstream. */
  assembly: ReadonlyMap<string, AssemblyPolicy>;
  /** Leads are recovered here. */
  hasRecovery: boolean;
  /** Takes a lead up by hand; undefined where leads are not recovered. */
  takeUpLead?: TakeUpLead | undefined;
  /** Told when the inbox has something to deliver again. */
  relay: { wake(): void };
  /** SkipUp, to show its endpoints and deliveries; undefined where there is no key. */
  skipup?: SkipUpClient | undefined;
  /** Where SkipUp is to deliver its webhooks; undefined without a public URL. */
  skipupWebhookUrl?: string | undefined;
  /** Only in `kickoff dev`. */
  sandbox?: SandboxControl | undefined;
  /** How pages that are open are told what changes; what is left out is as it should be. */
  live?: Partial<StreamOptions> | undefined;
  now(): Date;
}

/** Adds the pages of one part of the console. Everything registered here is behind the sign-in. */
export type AddPages = (app: FastifyInstance, context: ConsoleContext) => void;
