import type { HookPreview } from '@sentinellog/shared';
import { LogText } from '../../components/log-text.tsx';

/** Exactly what a run would send, as the agent says it. */
export function SentText({ preview }: { readonly preview: HookPreview }) {
  return (
    <pre
      aria-label="What would be sent"
      className="max-h-40 overflow-auto rounded-md border border-line-1 bg-bg-0 p-2 font-mono text-xs leading-5 whitespace-pre-wrap"
      tabIndex={0}
    >
      <span className="text-text-3">
        {preview.method} <LogText text={preview.url} />
        {'\n\n'}
      </span>
      <LogText text={preview.body} />
    </pre>
  );
}
