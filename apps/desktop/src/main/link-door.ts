import { LINK_SCHEME, type LinkTarget } from '../bridge/link-target.ts';
import { parseDeepLink } from './deep-link.ts';

/** The link among a program's arguments, as Windows and Linux hand it over; null without one, or when it is not ours. */
export function linkAmong(argv: readonly string[]): LinkTarget | null {
  const links = argv.filter((argument) => argument.startsWith(`${LINK_SCHEME}:`));
  // Two at once come from nobody's click.
  return links.length === 1 ? parseDeepLink(links[0] ?? '') : null;
}

/** A Mac may hand a link over before the app is ready: the last one waits until there is somebody to follow it. */
export class PendingLink {
  #waiting: LinkTarget | null = null;
  #follow: ((target: LinkTarget) => void) | null = null;

  take(url: string): void {
    const target = parseDeepLink(url);
    if (target === null) return;
    if (this.#follow === null) this.#waiting = target;
    else this.#follow(target);
  }

  open(follow: (target: LinkTarget) => void): void {
    this.#follow = follow;
    if (this.#waiting !== null) follow(this.#waiting);
    this.#waiting = null;
  }
}
