/** What is wrong with a pasted webhook, in words; null when it can be one. */
export function webhookProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'That is not an address: it begins with https:// and is one word.';
  const { protocol, hostname, pathname } = new URL(text);
  if (protocol !== 'https:' && !isThisMachine(hostname)) return 'A webhook begins with https://.';
  if (hostname !== 'hooks.slack.com') return null;
  return /^\/(services|workflows|triggers)\/.+/.test(pathname)
    ? null
    : 'This address of Slack is not complete: it goes on with /services/T…/B…/…';
}

/** A relay or a test server beside the agent. */
function isThisMachine(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]';
}
