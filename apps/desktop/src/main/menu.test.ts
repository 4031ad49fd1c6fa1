import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { menuTemplate } from './menu.ts';

function roles(items: readonly MenuItemConstructorOptions[]): (string | undefined)[] {
  return items.flatMap(({ role, submenu }) => [role, ...(Array.isArray(submenu) ? roles(submenu) : [])]);
}

describe('the menu bar', () => {
  it('has no developer tools and no reload in an installed console', () => {
    for (const mac of [true, false]) {
      const installed = roles(menuTemplate({ mac, devTools: false }));
      expect(installed).not.toContain('toggleDevTools');
      expect(installed).not.toContain('reload');
    }
    expect(roles(menuTemplate({ mac: false, devTools: true }))).toContain('toggleDevTools');
  });

  it('can be left on every system, and text can be edited', () => {
    expect(roles(menuTemplate({ mac: true, devTools: false }))).toEqual(
      expect.arrayContaining(['appMenu', 'editMenu']),
    );
    expect(roles(menuTemplate({ mac: false, devTools: false }))).toEqual(expect.arrayContaining(['quit', 'editMenu']));
  });
});
