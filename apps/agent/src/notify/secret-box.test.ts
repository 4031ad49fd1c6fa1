import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SecretBox } from './secret-box.ts';

const box = new SecretBox(new Uint8Array(32).fill(7), randomBytes);

describe('sealed secrets', () => {
  it('open for the channel they were sealed for', () => {
    const sealed = box.seal({ botToken: 'xoxb-1' }, 'slack-ops');
    expect(Buffer.from(sealed).toString('latin1')).not.toContain('xoxb');
    expect(box.open(sealed, 'slack-ops')).toEqual({ botToken: 'xoxb-1' });
  });

  it('stay shut for another channel, another key, and after any change', () => {
    const sealed = box.seal({ botToken: 'xoxb-1' }, 'slack-ops');
    expect(box.open(sealed, 'slack-dev')).toBeNull();
    expect(new SecretBox(new Uint8Array(32), randomBytes).open(sealed, 'slack-ops')).toBeNull();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(box.open(changed, 'slack-ops')).toBeNull();
    }
    expect(box.open(new Uint8Array(), 'slack-ops')).toBeNull();
  });
});
