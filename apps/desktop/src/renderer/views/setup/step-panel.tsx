import type { ReactNode } from 'react';

/** One step: its heading takes the focus when it comes up. */
export function StepPanel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4 rounded-lg border border-line-1 bg-bg-1 p-5">
      <h2 className="text-lg font-semibold outline-none" tabIndex={-1}>
        {title}
      </h2>
      {children}
    </section>
  );
}
