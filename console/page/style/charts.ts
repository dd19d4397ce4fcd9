/** Of small drawings in SVG, which may have no style of their own. */
export const CHARTS = `
/* ---- charts: svg.chart with .bar (.more), .line (.more), .dot, .axis, .grid, text (.value); .legend below it */
.chart { display: block; width: 100%; max-width: 34rem; overflow: visible; }
.chart text { fill: var(--quiet); font: 12px system-ui, sans-serif; }
.chart text.value { fill: var(--text); font-weight: 600; }
.chart .bar { fill: var(--bar); }
.chart .bar.more { fill: var(--bar-more); }
.chart .line { fill: none; stroke: var(--bar); stroke-width: 2; stroke-linejoin: round; }
.chart .line.more { stroke: var(--bar-more); stroke-dasharray: 5 3; }
.chart .dot { fill: var(--bar); }
.chart .axis { stroke: var(--edge); stroke-width: 1; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; font-size: 0.875rem; color: var(--quiet); }
.legend > li::before { content: ""; display: inline-block; width: 0.8rem; height: 0.8rem; margin-right: 0.35rem; border-radius: 2px; background: var(--bar); }
.legend > li.more::before { background: var(--bar-more); }
`;
