import { useView } from '../../stores/use-console.ts';

/** One queue for what is said aloud; two regions take turns, so that the same words are said again when they recur. */
export function Announcer() {
  const { text, number } = useView((view) => view.announcement);
  const turn = number % 2;
  return (
    <div className="sr-only">
      <p aria-live="polite" role="status">
        {turn === 0 ? text : ''}
      </p>
      <p aria-live="polite" role="status">
        {turn === 1 ? text : ''}
      </p>
    </div>
  );
}
