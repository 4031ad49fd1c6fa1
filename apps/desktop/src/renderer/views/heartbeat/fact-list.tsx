import type { ReactNode } from 'react';

/** Label and value, row by row. */
export function FactList({ children }: { readonly children: ReactNode }) {
  return <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5 text-sm">{children}</dl>;
}

export function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-text-3">{label}</dt>
      <dd className="min-w-0 text-right break-words text-text-1">{children}</dd>
    </>
  );
}

export function FactHeading({ children }: { readonly children: ReactNode }) {
  return <h3 className="mb-2 text-2xs font-semibold tracking-wide text-text-3 uppercase">{children}</h3>;
}
