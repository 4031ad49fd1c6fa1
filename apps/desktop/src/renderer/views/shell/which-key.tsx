import { useKeyboard } from '../../commands/keyboard.tsx';
import { keyLabel } from '../../commands/key-stroke.ts';

/** After a moment of doubt in the middle of a chord: what may follow. */
export function WhichKey() {
  const { pending, modIsMeta } = useKeyboard();
  if (pending === null) return null;
  return (
    <div
      className="fixed right-3 bottom-9 z-50 w-64 rounded-xl border border-line-1 bg-bg-3 p-2 shadow-overlay"
      role="status"
    >
      <ul>
        {pending.continuations.map((command) => {
          const keys = command.keys.find((one) => one.startsWith(`${pending.prefix} `)) ?? '';
          const reason = command.disabledReason?.() ?? null;
          return (
            <li className="flex h-7 items-center gap-3 px-1 text-sm" key={command.id}>
              <kbd className="key">{keyLabel(keys.slice(pending.prefix.length + 1), modIsMeta)}</kbd>
              <span className={reason === null ? '' : 'text-text-3'}>{command.title}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
