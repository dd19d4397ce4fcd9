import type { CommandContext } from '../../../cli/command-context.ts';
import type { JsonDocument } from '../../../cli/output.ts';

export interface Said {
  documents: JsonDocument[];
  texts: string[];
  ofType(type: string): JsonDocument[];
}

/** Runs a command in a folder and keeps everything that it says, in `kept` also when it fails. */
export async function said(
  { cwd, env }: Pick<CommandContext, 'cwd' | 'env'>,
  command: (context: CommandContext) => Promise<void>,
  kept: Pick<Said, 'documents' | 'texts'> = { documents: [], texts: [] },
): Promise<Said> {
  const { documents, texts } = kept;
  const emit = (document: JsonDocument, text?: string) => {
    documents.push(document);
    if (text !== undefined) texts.push(text);
  };
  await command({ env, cwd, output: { json: false, interactive: false, emit }, signal: new AbortController().signal });
  return { documents, texts, ofType: (type) => documents.filter((document) => document.type === type) };
}
