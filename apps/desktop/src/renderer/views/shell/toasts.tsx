import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import type { Toast } from '../../stores/toasts.ts';
import { useConsole, useIncidents, useView } from '../../stores/use-console.ts';

/** What was just done, to what, where; it waits while somebody points at it or stands on it. */
export function Toasts() {
  const console = useConsole();
  const { toasts } = useIncidents();
  const shown = useStore(toasts.state, (state) => state.shown);
  const guardNotice = useView((view) => view.guardNotice);
  return (
    <section
      aria-label="Notifications"
      data-toasts
      className="pointer-events-none fixed right-3 bottom-9 z-50 flex w-[420px] max-w-[calc(100vw-24px)] flex-col gap-2"
      onBlur={() => toasts.release()}
      onFocus={() => toasts.hold()}
      onPointerEnter={() => toasts.hold()}
      onPointerLeave={() => toasts.release()}
    >
      {guardNotice !== null && (
        <div className="toast border-p2/70" role="status">
          <p className="min-w-0 flex-1">{guardNotice}</p>
          <Button look="quiet" size="small" onClick={() => console.patchView({ guardNotice: null })}>
            Close
          </Button>
        </div>
      )}
      {shown.map((toast) => (
        <ToastRow key={toast.id} toast={toast} onDismiss={() => toasts.dismiss(toast.id)} />
      ))}
    </section>
  );
}

function ToastRow({ toast, onDismiss }: { readonly toast: Toast; readonly onDismiss: () => void }) {
  return (
    <div className={`toast ${toast.tone === 'bad' ? 'border-p1/70' : 'border-line-2'}`}>
      {toast.tone === 'good' ? (
        <Icon className="text-ok" name="check" />
      ) : (
        <strong className="text-xs font-semibold text-p1">Failed</strong>
      )}
      <p className="min-w-0 flex-1 break-words">{toast.text}</p>
      {toast.actions.map(({ label, keys, run }) => (
        <Button
          key={label}
          size="small"
          onClick={() => {
            onDismiss();
            run();
          }}
        >
          {label}
          {keys !== undefined && <kbd className="key key-inline">{keys}</kbd>}
        </Button>
      ))}
      <Button aria-label="Dismiss" look="quiet" size="small" onClick={onDismiss}>
        <Icon name="close" size={12} />
      </Button>
    </div>
  );
}
