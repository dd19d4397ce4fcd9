import { z } from 'zod';
import { aligned } from '../aligned.ts';
import type { CommandContext } from '../command-context.ts';
import type { SandboxPlace } from '../sandbox-control.ts';
import { SandboxControl } from '../sandbox-control.ts';

const transcriptSchema = z.object({
  id: z.string(),
  status: z.string(),
  slot: z.object({ start: z.string(), end: z.string() }).nullable(),
  lines: z.array(z.object({ at: z.string(), from: z.string(), to: z.array(z.string()).optional(), text: z.string() })),
});

/** The scheduling conversation of a meeting request, line by line. */
export async function sandboxTranscript(context: CommandContext, id: string, options: SandboxPlace): Promise<void> {
  const path = `/meeting_requests/${encodeURIComponent(id)}/transcript`;
  const transcript = await new SandboxControl(context, options).get(path, transcriptSchema);
  const { status, slot, lines } = transcript;
  const said = lines.map(({ at, from, to = [], text }) => [
    at,
    to.length === 0 ? from : `${from} → ${to.join(', ')}`,
    text,
  ]);
  const meeting = slot === null ? '' : `, the meeting is from ${slot.start} to ${slot.end}`;
  context.output.emit(
    { type: 'transcript', ...transcript },
    `${aligned(said)}\n${id} is ${status}${meeting}`.trimStart(),
  );
}
