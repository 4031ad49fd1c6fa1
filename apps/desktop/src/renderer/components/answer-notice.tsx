import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Notice } from './notice.tsx';

interface AnswerNoticeProps {
  /** What did not come: `The rules`. */
  readonly what: string;
  /** Of whom: `prod-eu`. */
  readonly from: string;
  readonly code: string;
  readonly detail: string;
  /** `13:58:04` when what is shown below is from then; null when nothing is. */
  readonly shownAsOf: string | null;
  readonly onRetry: () => void;
}

/** What failed, what is shown in its place, and what to do: stays inside its panel. */
export function AnswerNotice({ what, from, code, detail, shownAsOf, onRetry }: AnswerNoticeProps) {
  const below = shownAsOf === null ? '' : ` Shown as of ${shownAsOf}.`;
  return (
    <Notice
      action={
        <span className="flex gap-1.5">
          <Button size="small" onClick={onRetry}>
            Retry
          </Button>
          <CopyButton label="Copy diagnostics" text={`${what} of ${from}: ${code}: ${detail}`} />
        </span>
      }
      tone="warn"
    >
      {what} of {from} could not be had: {detail}.{below}
    </Notice>
  );
}
