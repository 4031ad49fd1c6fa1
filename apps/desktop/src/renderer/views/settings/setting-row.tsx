import type { ReactNode } from 'react';

interface SettingRowProps {
  readonly label: string;
  readonly detail: ReactNode;
  readonly children: ReactNode;
}

export function SettingRow({ label, detail, children }: SettingRowProps) {
  return (
    <div className="flex items-center gap-4 px-3 py-3">
      <div className="min-w-0 flex-1">
        <p className="text-sm font-medium">{label}</p>
        <p className="text-xs text-text-3">{detail}</p>
      </div>
      {children}
    </div>
  );
}
