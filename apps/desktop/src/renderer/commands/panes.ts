/** Panes in the order of F6 (ux §2.5), by their landmarks. */
const PANES = ['nav', 'header[data-top]', 'main', 'aside', 'footer[data-status]', 'section[data-toasts]'] as const;
const FOCUSABLE = 'a[href], button:not([tabindex="-1"]), input, select, textarea, [tabindex="0"], h1[tabindex="-1"]';

/** Moves focus to the next pane that is there, at its first place to stand. */
export function movePane(step: 1 | -1): void {
  const panes = PANES.flatMap((selector) => document.querySelector<HTMLElement>(selector) ?? []);
  if (panes.length === 0) return;
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const from = at === -1 && step === -1 ? 0 : at;
  for (let i = 1; i <= panes.length; i++) {
    const pane = panes[(from + step * i + panes.length * i) % panes.length];
    const target = [...(pane?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])].find((one) => one.checkVisibility());
    if (target === undefined) continue;
    target.focus();
    return;
  }
}

/** To the newest notification's first button; false when none is shown. */
export function focusNotification(): boolean {
  const buttons = document.querySelectorAll<HTMLElement>('section[data-toasts] > div:last-child button');
  buttons[0]?.focus();
  return buttons.length > 0;
}
