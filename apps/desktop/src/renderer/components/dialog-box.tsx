import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';

interface DialogBoxProps {
  readonly label: string;
  readonly onClose: () => void;
  /** Keys that answer at once; a handled one must be prevented. */
  readonly onKeyDown?: (event: KeyboardEvent<HTMLDialogElement>) => void;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A question in the way of everything else: focus in, Tab stays inside, Esc leaves, focus goes back where it was. */
export function DialogBox({ label, onClose, onKeyDown, className = 'w-[480px]', children }: DialogBoxProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const box = dialog.current;
    const before = document.activeElement;
    if (box?.open === false) box.showModal();
    return () => {
      box?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      aria-label={label}
      className={`mx-auto mt-[14vh] mb-auto max-h-[76vh] max-w-[calc(100vw-32px)] overflow-y-auto rounded-xl border border-line-1 bg-bg-3 p-0 text-text-1 shadow-overlay backdrop:bg-[rgb(5_8_13/0.6)] ${className}`}
      ref={dialog}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        onKeyDown?.(event);
        if (event.key !== 'Escape' || event.defaultPrevented || event.nativeEvent.isComposing) return;
        // The console takes Esc for a step out of its own; here it is for this dialog, and for nothing behind it.
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </dialog>
  );
}
