/** Slack reads &, < and > as markup. Source: Slack's "Formatting message text", escaping text. */
export function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Strikes a message through, line by line: Slack's markup ends with the line. */
export function struckThrough(message: string): string {
  return message
    .split('\n')
    .map((line) => line.replaceAll('~', '').trim())
    .map((line) => (line === '' ? '' : `~${line}~`))
    .join('\n');
}
