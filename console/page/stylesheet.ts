import { BASE } from './style/base.ts';
import { CHARTS } from './style/charts.ts';
import { COLOURS } from './style/colours.ts';
import { FORMS } from './style/forms.ts';
import { KICKOFF } from './style/kickoff.ts';
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
${COLOURS}${BASE}${SHELL}${FORMS}${PARTS}${TABLES}${CHARTS}${KICKOFF}${MEDIA}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`.trimStart();
