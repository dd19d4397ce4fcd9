import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as proto from '@temporalio/proto';
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root.js';

export type History = proto.temporal.api.history.v1.IHistory;
export type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;

/** One history as `npm run record-histories` wrote it. */
export interface RecordedHistory {
  name: string;
  workflowId: string;
  /** The file. */
  text: string;
  /** A new copy each time. */
  read(): History & { events: HistoryEvent[] };
}

const FOLDER = new URL('histories/', import.meta.url);

/**
 * The SDK's `historyFromJSON` refuses histories where npm has given `@temporalio/common` and `@temporalio/proto` a copy
 * of protobufjs each; this is what it does, with the copy that the messages come from.
 */
const { resolve } = createRequire(import.meta.url);
const { fromJson }: { fromJson(type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }): History } =
  createRequire(resolve('@temporalio/proto'))('protobufjs/ext/protojson');
const root: unknown = patchProtobufRoot(proto.default);
const HISTORY = typeOf(root, 'temporal.api.history.v1.History');

export function recordedHistories(): RecordedHistory[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, FOLDER), 'utf8');
      const read = () => {
        const { events } = fromJson(HISTORY, JSON.parse(text), { ignoreUnknownFields: true });
        return { events: events ?? [] };
      };
      const workflowId = read().events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
      if (typeof workflowId !== 'string') throw new Error(`${file} does not begin with the start of a workflow`);
      return { name: file.replace(/\.json$/, ''), workflowId, text, read };
    });
}

/** The generated types do not know that the root can be asked for a type. */
function typeOf(messages: unknown, name: string): unknown {
  if (typeof messages !== 'object' || messages === null) throw new Error('the SDK has no messages');
  const lookup: unknown = Reflect.get(messages, 'lookupType');
  if (typeof lookup !== 'function') throw new Error('the SDK’s messages cannot be looked up by name');
  return Reflect.apply(lookup, messages, [name]);
}
