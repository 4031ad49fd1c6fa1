import { useEffect, useRef, type RefObject } from 'react';

/**
 * For a panel that hangs on a button: a press elsewhere closes it, and focus goes back to the button when it was
 * inside. Esc is a command of the console and closes it from there.
 */
export function usePopover<Panel extends HTMLElement>(
  open: boolean,
  close: () => void,
): { readonly anchor: RefObject<HTMLButtonElement | null>; readonly panel: RefObject<Panel | null> } {
  const anchor = useRef<HTMLButtonElement>(null);
  const panel = useRef<Panel>(null);
  useEffect(() => {
    if (!open) return undefined;
    const button = anchor.current;
    const content = panel.current;
    const onPress = (event: PointerEvent) => {
      const { target } = event;
      if (target instanceof Node && content?.contains(target) !== true && button?.contains(target) !== true) close();
    };
    document.addEventListener('pointerdown', onPress);
    return () => {
      document.removeEventListener('pointerdown', onPress);
      const { activeElement } = document;
      if (activeElement === document.body || content?.contains(activeElement) === true) button?.focus();
    };
  }, [open, close]);
  return { anchor, panel };
}
