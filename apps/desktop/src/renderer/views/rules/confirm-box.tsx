import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { DialogBox } from '../../components/dialog-box.tsx';

interface ConfirmBoxProps {
  readonly label: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  /** Why it cannot be confirmed yet. */
  readonly disabledReason?: string | null;
  /** Has to be typed before it can be confirmed: the code of a protected cluster. */
  readonly code?: string | null;
  readonly children: ReactNode;
}

/** `y` does it; never Enter, never the key that asked, and the focus starts on Cancel (ux §2.3). */
export function ConfirmBox(props: ConfirmBoxProps) {
  const { label, onConfirm, onClose, disabledReason = null, code = null, children } = props;
  const cancel = useRef<HTMLButtonElement>(null);
  const [typed, setTyped] = useState('');
  const reason = disabledReason ?? (code !== null && typed !== code ? `type ${code} first` : null);
  useEffect(() => cancel.current?.focus(), []);
  const answer = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key !== 'y' || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    event.preventDefault();
    if (reason === null) onConfirm();
  };
  return (
    <DialogBox label={label} onClose={onClose} onKeyDown={answer}>
      <div className="flex flex-col gap-4 p-4 text-sm">
        {children}
        {code !== null && (
          <label className="flex flex-col gap-1 text-xs text-text-2">
            This cluster is protected. Type its code, {code}:
            <input
              autoComplete="off"
              className="field h-8 w-32 text-sm"
              maxLength={16}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
        )}
        {reason !== null && (
          <p className="text-xs text-text-3">
            {label} is off: {reason}
          </p>
        )}
        <div className="flex gap-2">
          <button
            className="h-7 rounded-md border border-line-2 px-3 text-sm hover:bg-hover"
            ref={cancel}
            type="button"
            onClick={onClose}
          >
            Cancel <kbd className="key key-inline">Esc</kbd>
          </button>
          <Button disabledReason={reason} look="danger" onClick={onConfirm}>
            {label} <kbd className="key key-inline">y</kbd>
          </Button>
        </div>
      </div>
    </DialogBox>
  );
}
