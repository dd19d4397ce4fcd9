import type { Content } from '../page/html.ts';

/** Who did it, or where it happened. */
type EntryKind = 'CRM' | 'Kickoff' | 'SkipUp' | 'Step' | 'Person';

/** One thing that happened to a kickoff. */
export interface TimelineEntry {
  at: Date;
  kind: EntryKind;
  what: Content;
  /** What a reader looks for at once when it is not as it should be. */
  chip?: Content;
  /** Further sentences. */
  words?: readonly Content[];
  /** Folded away. */
  details?: { id: string; body: Content };
  /** Only of a revision that is over. */
  revision?: number;
}
