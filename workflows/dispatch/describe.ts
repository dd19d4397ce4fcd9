/** What a dispatch has done, or would do, in words and as the Markdown that the Temporal UI shows. */
import { inCode, inMinutes, inText, link, section } from '../markdown.ts';
import type { DispatchResult, KickoffPreview } from '../messages.ts';
import { blockingFirst, peopleSections } from '../people.ts';

/** What a dispatch of this deal would do, in plain words. */
export function previewInWords({
  deal,
  existing,
  warning,
  gaps,
  participants,
  key,
  timeframe,
}: KickoffPreview): string {
  if (existing?.phase === 'done') {
    return `Nothing would start: deal ${deal.id} has had its kickoff, and it is done. Another one of the same deal needs a name of its own, "workstream": "…".`;
  }
  if (existing?.fellThrough === false) {
    return `Would join: the kickoff of ${deal.account} is there already, in phase ${existing.phase}.`;
  }
  const again = existing === undefined ? 'Would start' : `Would start again (the one before is ${existing.phase})`;
  const note = warning === undefined ? '' : ` ${warning}`;
  const blocking = blockingFirst(gaps).filter((gap) => gap.severity === 'block');
  if (blocking.length > 0) {
    return `${again}, and wait for a person at once: ${blocking.map((gap) => gap.message).join(' ')}${note}`;
  }
  const people = participants.length === 1 ? '1 person' : `${participants.length} people`;
  return `${again}: ${people} would be asked for a time between ${inMinutes(timeframe.start)} and ${inMinutes(timeframe.end)}, under the key ${key}.${note}`;
}

/** As the Markdown that the Temporal UI shows under "current details". */
export function details({ workflowId, message, url, preview }: DispatchResult): string {
  const kickoff = url === undefined ? inCode(workflowId) : link(workflowId, url);
  return [
    `**${inText(message)}**`,
    '',
    preview === undefined
      ? `Kickoff: ${kickoff}`
      : `Only looked at; nothing was started or written. Kickoff: ${kickoff}`,
    ...(preview === undefined ? [] : previewSections(preview)),
  ].join('\n');
}

/** The lines of a problem that lists its points, as Markdown. */
export function problemDetails(message: string): string {
  return message
    .split('\n')
    .slice(0, 60)
    .map((line) => (line.startsWith('- ') ? `- ${inText(line.slice(2))}` : `${inExample(line)}\n`))
    .join('\n');
}

/** An example is to be copied: it is shown as code, and not cut. */
function inExample(line: string): string {
  const at = line.indexOf('{"');
  return at > 0 && line.startsWith('A right one')
    ? `\n${inText(line.slice(0, at))}\n\n\`${line.slice(at).replaceAll('`', '’')}\``
    : inText(line);
}

function previewSections(preview: KickoffPreview): string[] {
  const { deal, key, title, rules, timeframe, existing } = preview;
  return [
    ...section('What it would be', [
      `${inText(deal.account)} · ${link(deal.name, deal.url)} · deal ${inCode(deal.id)}${deal.isWon ? '' : ' · not won'}`,
      `key ${inCode(existing?.fellThrough === false ? (existing.key ?? key) : key)}`,
      `title ${inText(title)}`,
      ...(rules === undefined ? [] : [inText(rules)]),
      `window ${inMinutes(timeframe.start)} to ${inMinutes(timeframe.end)}`,
    ]),
    ...peopleSections(preview),
  ];
}
