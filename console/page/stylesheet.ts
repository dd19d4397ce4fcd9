import { BASE } from './style/base.ts';
import { CHARTS } from './style/charts.ts';
import { COLOURS } from './style/colours.ts';
import { FORMS } from './style/forms.ts';
import { MEDIA } from './style/media.ts';
import { PARTS } from './style/parts.ts';
import { SHELL } from './style/shell.ts';
import { TABLES } from './style/tables.ts';

/**
 * The console's only stylesheet; a constant so that it is in the build. Every pair of text and ground has a contrast of at
 * least 4.5 (WCAG 2.2, AA) in both schemes; `test/unit/console/stylesheet.test.ts` measures it. What every page has is in
 * `style/`; what one part of the console has alone stands below.
 */
export const STYLESHEET = `
${COLOURS}${BASE}${SHELL}${FORMS}${PARTS}${TABLES}${CHARTS}${MEDIA}
/* ---- one kickoff */
.timeline { list-style: none; padding: 0 0 0 1rem; border-left: 2px solid var(--line); }
.timeline li { margin-bottom: 0.75rem; }
.timeline time { color: var(--quiet); background: var(--ground); font-size: 0.875rem; display: block; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`.trimStart();
