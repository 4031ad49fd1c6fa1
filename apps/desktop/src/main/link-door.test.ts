import { describe, expect, it } from 'vitest';
import type { LinkTarget } from '../bridge/link-target.ts';
import { linkAmong, PendingLink } from './link-door.ts';

const LINK = 'sentinellog://view/incidents';
const TARGET: LinkTarget = { to: 'view', view: 'incidents', query: '' };

describe('the door for links', () => {
  it('finds the one link among the arguments of a second start', () => {
    expect(linkAmong(['/opt/sentinellog', '--no-sandbox', LINK])).toEqual(TARGET);
    expect(linkAmong(['/opt/sentinellog', '--hidden'])).toBeNull();
  });

  it('lets nothing else in: two links, another scheme, a switch in a link', () => {
    expect(linkAmong([LINK, LINK])).toBeNull();
    expect(linkAmong(['sentinel://app/index.html'])).toBeNull();
    expect(linkAmong(['sentinellog://view/incidents --remote-debugging-port=9'])).toBeNull();
  });

  it('keeps a link that comes before anybody can follow it, the last one', () => {
    const followed: LinkTarget[] = [];
    const door = new PendingLink();
    door.take('sentinellog://view/sources');
    door.take(LINK);
    door.take('sentinellog://nonsense');
    door.open((target) => followed.push(target));
    expect(followed).toEqual([TARGET]);
    door.take('sentinellog://setup');
    expect(followed.at(-1)).toEqual({ to: 'view', view: 'setup', query: '' });
  });
});
