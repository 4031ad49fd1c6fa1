import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';

interface ConfirmBoxProps {
  readonly label: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  /** Why it cannot be confirmed yet. */
  readonly disabledReason?: string | null;
  readonly children: ReactNode;
}

/** `y` does it; never Enter, never the key that asked, and the focus starts on Cancel (ux §2.3). */
export function ConfirmBox({ label, onConfirm, onClose, disabledReason = null, children }: ConfirmBoxProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), []);
  const answer = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key !== 'y' || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    event.preventDefault();
    if (disabledReason === null) onConfirm();
  };
  return (
    <DialogBox label={label} onClose={onClose} onKeyDown={answer}>
      <div className="flex flex-col gap-4 p-4 text-sm">
        {children}
        <div className="flex gap-2">
          <button
            className="h-7 rounded-md border border-line-2 px-3 text-sm hover:bg-hover"
            ref={cancel}
            type="button"
            onClick={onClose}
          >
            Cancel <kbd className="key key-inline">Esc</kbd>
          </button>
          <Button disabledReason={disabledReason} look="danger" onClick={onConfirm}>
            {label} <kbd className="key key-inline">y</kbd>
          </Button>
        </div>
      </div>
    </DialogBox>
  );
}
