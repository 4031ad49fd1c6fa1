import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { Panel } from '../../components/panel.tsx';
import { useConsole, useView } from '../../stores/use-console.ts';
import { ViewTitle } from '../shell/view-title.tsx';
import { ClustersPanel } from './clusters-panel.tsx';
import { DesktopPanels } from './desktop-panels.tsx';
import { KeyboardPanel } from './keyboard-panel.tsx';
import { SettingRow } from './setting-row.tsx';
import { sectionsFor } from './settings-index.ts';

export function SettingsView() {
  const console = useConsole();
  const [search, setSearch] = useState('');
  const shown = sectionsFor(search);
  return (
    <div className="h-full overflow-y-auto p-6">
      <div className="mx-auto flex max-w-[760px] flex-col gap-4">
        <header className="flex items-center gap-4">
          <ViewTitle className="flex-1 text-xl font-semibold">Settings</ViewTitle>
          <input
            aria-label="Search the settings"
            className="field w-60"
            placeholder="Search the settings"
            type="search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </header>
        {shown.size === 0 && (
          <p className="text-sm text-text-2" role="status">
            No setting matches “{search}”.
          </p>
        )}
        {shown.has('clusters') && <ClustersPanel />}
        {shown.has('appearance') && <AppearancePanel />}
        {shown.has('data') && <DataPanel />}
        <DesktopPanels shown={shown} />
        {shown.has('keyboard') && <KeyboardPanel />}
        <p className="text-xs text-text-3">SentinelLog console {console.bridge.version}</p>
      </div>
    </div>
  );
}

function AppearancePanel() {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  return (
    <Panel title="Appearance">
      <div className="flex flex-col divide-y divide-line-1">
        <SettingRow detail="Every clock and axis on the screen. Key: u" label="Time zone">
          <ChoiceBar
            choices={[
              { value: 'utc', label: 'UTC' },
              { value: 'local', label: 'Local' },
            ]}
            label="Time zone"
            value={clock}
            onChange={(value) => console.setPreference({ clock: value })}
          />
        </SettingRow>
        <SettingRow
          detail="Motion, contrast and forced colours follow this system's own settings. Text size: Mod and + or −."
          label="Motion and contrast"
        >
          <span className="text-xs text-text-3">as the system says</span>
        </SettingRow>
      </div>
    </Panel>
  );
}

function DataPanel() {
  const console = useConsole();
  return (
    <Panel title="Data on this computer">
      <SettingRow
        detail="What each cluster said last, without log lines: shown with its age when a cluster cannot be reached at the start. Signing out removes it, too."
        label="Last known state"
      >
        <Button size="small" onClick={() => void console.forgetLastKnown()}>
          Remove
        </Button>
      </SettingRow>
    </Panel>
  );
}
