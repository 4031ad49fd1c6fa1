/** The size of what is to come, so that nothing moves when it does; seen only where the wait is long enough. */
export function SkeletonRows({ count, label }: { readonly count: number; readonly label: string }) {
  return (
    <div aria-busy="true" className="late-words flex flex-col gap-px p-2" role="status">
      <span className="sr-only">{label}</span>
      {Array.from({ length: count }, (_, i) => (
        <div aria-hidden="true" className="flex h-7 items-center gap-3 px-1" key={i}>
          <span className="h-3 w-10 rounded-sm bg-bg-2" />
          <span className="h-3 rounded-sm bg-bg-2" style={{ width: `${62 - ((i * 17) % 34)}%` }} />
        </div>
      ))}
    </div>
  );
}
