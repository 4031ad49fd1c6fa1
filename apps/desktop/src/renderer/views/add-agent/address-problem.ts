/** Why a text is not the address of an agent, in words; null when it may be one. */
export function addressProblem(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return 'Enter the address of the agent.';
  const url = URL.parse(trimmed);
  if (url === null || url.host === '') return 'This is no address: it should look like https://host:8400';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'The address must begin with https:// or http://';
  if (url.username !== '' || url.password !== '') return 'Leave the name and password out: the token goes below.';
  return null;
}
