/** A pulse under watch: the product's sign. */
export function ProductMark({ size }: { readonly size: number }) {
  return (
    <svg aria-label="SentinelLog" className="shrink-0" height={size} role="img" viewBox="0 0 22 22" width={size}>
      <path
        d="M11 1.2 20 5v6c0 5-3.6 8.4-9 9.8C5.6 19.4 2 16 2 11V5z"
        fill="var(--color-sel)"
        stroke="var(--color-accent)"
        strokeWidth="1.3"
      />
      <path
        d="M5 11.5h2.7l1.7-4.5 2.7 8 1.8-5 .8 1.5H17"
        fill="none"
        stroke="var(--color-chart-line)"
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeWidth="1.5"
      />
    </svg>
  );
}
