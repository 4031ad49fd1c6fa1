import type { MenuItemConstructorOptions } from 'electron';

export interface MenuSetting {
  readonly mac: boolean;
  /** True only when run from source: a packaged console has no developer tools. */
  readonly devTools: boolean;
}

/**
 * The menu bar. It holds what the system does (text editing, zoom, windows); the product's own commands live in the
 * page's command registry, where every one has its key and its reason for being off.
 */
export function menuTemplate({ mac, devTools }: MenuSetting): MenuItemConstructorOptions[] {
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : [{ label: '&File', submenu: [{ role: 'quit' } as const] }]),
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(devTools
          ? [{ type: 'separator' } as const, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]
          : []),
      ],
    },
    { role: 'windowMenu' },
    ...(mac ? [] : [{ label: '&Help', submenu: [{ role: 'about' } as const] }]),
  ];
}
