import { SEVERITIES } from '@sentinellog/shared';
import { useEffect, useState } from 'react';
import { LOUDNESS, type DesktopFacts, type DesktopSettings, type Loudness } from '../../../bridge/desktop.ts';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { Notice } from '../../components/notice.tsx';
import { Panel } from '../../components/panel.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { useConsole } from '../../stores/use-console.ts';
import { CommandButton } from '../shell/command-button.tsx';
import { visibleText } from '../../words/visible-text.ts';
import { minuteOf, timeOfDay } from './minute-of-day.ts';
import { SettingRow } from './setting-row.tsx';
import type { SectionId } from './settings-index.ts';

const LOUDNESS_NAMES: Readonly<Record<Loudness, string>> = {
  alarm: 'Until seen',
  notice: 'Once',
  digest: 'Every 5 min',
  off: 'Never',
};
const CLOSING_NAMES = { ask: 'Ask', hide: 'Keep watching', quit: 'Quit' } as const;

/** What the system around the window does; in a browser there is no such system, and that is said. */
export function DesktopPanels({ shown }: { readonly shown: ReadonlySet<SectionId> }) {
  const console = useConsole();
  const [facts, setFacts] = useState<DesktopFacts | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const browser = console.bridge.platform === 'browser';
  useEffect(() => {
    let gone = false;
    const ask = async () => {
      const told = await console.bridge.desktop();
      if (!gone) setFacts(told);
    };
    void ask();
    return () => {
      gone = true;
    };
  }, [console]);
  const change = async (part: Partial<DesktopSettings>) => {
    if (facts === null) return;
    const answer = await console.bridge.setDesktop({ ...facts.settings, ...part });
    if (answer.ok) setFacts(answer.value);
    setFailure(answer.ok ? null : answer.error.detail);
  };
  if (browser) return <BrowserLimits shown={shown} />;
  if (facts === null) return null;
  return (
    <>
      {failure !== null && (
        <div role="alert">
          <Notice tone="bad">Not changed: {visibleText(failure)}</Notice>
        </div>
      )}
      {shown.has('notifications') && <NotificationsPanel change={change} facts={facts} />}
      {shown.has('window') && <WindowPanel change={change} facts={facts} />}
    </>
  );
}

interface PanelProps {
  readonly facts: DesktopFacts;
  readonly change: (part: Partial<DesktopSettings>) => Promise<void>;
}

function NotificationsPanel({ facts: { settings, notificationsSupported }, change }: PanelProps) {
  const console = useConsole();
  const [trial, setTrial] = useState<string | null>(null);
  const { notify, quietHours, pausedUntilMs } = settings;
  const paused = pausedUntilMs !== null && pausedUntilMs > console.now();
  const test = async () => {
    setTrial('Asking the system…');
    const answer = await console.bridge.tryNotification();
    setTrial(answer.ok ? answer.value.detail : answer.error.detail);
  };
  return (
    <Panel
      fact={paused ? 'paused; the tray resumes them' : 'at most three a minute; a storm is told as one'}
      title="Notifications"
      tools={
        paused ? (
          <Button size="small" onClick={() => void change({ pausedUntilMs: null })}>
            Resume
          </Button>
        ) : undefined
      }
    >
      <div className="flex flex-col divide-y divide-line-1">
        {!notificationsSupported && (
          <div className="p-3">
            <Notice tone="warn">This system offers no notifications to programs: the tray is all there is.</Notice>
          </div>
        )}
        {SEVERITIES.map((severity) => (
          <div className="flex items-center gap-4 px-3 py-2.5" key={severity}>
            <span className="flex-1">
              <SeverityBadge severity={severity} />
            </span>
            <ChoiceBar
              choices={LOUDNESS.map((value) => ({ value, label: LOUDNESS_NAMES[value] }))}
              label={`How ${severity} is notified`}
              value={notify[severity]}
              onChange={(loudness) => void change({ notify: { ...notify, [severity]: loudness } })}
            />
          </div>
        ))}
        <SettingRow detail="By this machine's clock. What opens meanwhile waits in the inbox." label="Quiet hours">
          <TimeField
            label="Quiet from"
            minute={quietHours.fromMinute}
            onChange={(fromMinute) => void change({ quietHours: { ...quietHours, fromMinute } })}
          />
          <TimeField
            label="Quiet until"
            minute={quietHours.toMinute}
            onChange={(toMinute) => void change({ quietHours: { ...quietHours, toMinute } })}
          />
          <Toggle
            label="Quiet hours"
            on={quietHours.on}
            onChange={(on) => void change({ quietHours: { ...quietHours, on } })}
          />
        </SettingRow>
        <SettingRow detail="P1 is notified in quiet hours too." label="P1 breaks the quiet">
          <Toggle
            label="P1 breaks the quiet"
            on={quietHours.p1BreaksIn}
            onChange={(p1BreaksIn) => void change({ quietHours: { ...quietHours, p1BreaksIn } })}
          />
        </SettingRow>
        <SettingRow
          detail={<span role="status">{trial ?? 'Says what the system really did with it.'}</span>}
          label="Try it"
        >
          <Button onClick={() => void test()}>Send a test</Button>
        </SettingRow>
      </div>
    </Panel>
  );
}

function WindowPanel({ facts: { settings, loginItemSupported, keyStoreProblem, update }, change }: PanelProps) {
  const console = useConsole();
  return (
    <Panel title="Window and start">
      <div className="flex flex-col divide-y divide-line-1">
        <SettingRow detail="Kept watching, it stays in the tray and notifies." label="Closing the window">
          <ChoiceBar
            choices={(['ask', 'hide', 'quit'] as const).map((value) => ({ value, label: CLOSING_NAMES[value] }))}
            label="Closing the window"
            value={settings.onClose}
            onChange={(onClose) => void change({ onClose })}
          />
        </SettingRow>
        <SettingRow
          detail={
            loginItemSupported
              ? 'In the tray, without its window.'
              : 'On this system the session decides: add `sentinellog --hidden` to what it starts.'
          }
          label="Start when I log in"
        >
          <Toggle
            disabledReason={loginItemSupported ? null : 'the session of this system decides'}
            label="Start when I log in"
            on={settings.startAtLogin}
            onChange={(startAtLogin) => void change({ startAtLogin })}
          />
        </SettingRow>
        <SettingRow detail="A screen of its own: larger, without keys that change anything." label="Wallboard">
          <CommandButton id="wallboard.toggle" label="Open the wallboard" />
        </SettingRow>
        <SettingRow detail={update.detail} label="Updates">
          <span className="text-xs text-text-3">{console.bridge.version}</span>
        </SettingRow>
        {keyStoreProblem !== null && (
          <div className="p-3">
            <Notice tone="warn">{keyStoreProblem}.</Notice>
          </div>
        )}
      </div>
    </Panel>
  );
}

/** Plainly, so that nobody relies on a tab to wake them. */
function BrowserLimits({ shown }: { readonly shown: ReadonlySet<SectionId> }) {
  if (!shown.has('notifications') && !shown.has('window')) return null;
  return (
    <Panel title="What a browser cannot do">
      <ul className="flex list-disc flex-col gap-1.5 p-3 pl-8 text-sm text-text-2">
        <li>Notify you when this tab is closed or asleep: let Slack or PagerDuty page you, or use the desktop app.</li>
        <li>Watch several agents: this page knows the one that served it.</li>
        <li>Stay signed in for longer than twelve hours, or keep a token.</li>
        <li>Show a tray, a badge, a wallboard window, or open sentinellog:// links.</li>
      </ul>
    </Panel>
  );
}

interface ToggleProps {
  readonly label: string;
  readonly on: boolean;
  readonly disabledReason?: string | null;
  readonly onChange: (on: boolean) => void;
}

function Toggle({ label, on, disabledReason = null, onChange }: ToggleProps) {
  return (
    <button
      aria-checked={on}
      aria-disabled={disabledReason !== null || undefined}
      aria-label={label}
      className="group relative h-6 w-11 shrink-0 rounded-full border border-line-2 bg-bg-0 aria-checked:border-accent aria-checked:bg-sel aria-disabled:opacity-60"
      role="switch"
      title={disabledReason ?? undefined}
      type="button"
      onClick={() => {
        if (disabledReason === null) onChange(!on);
      }}
    >
      <span className="absolute top-[3px] left-[3px] size-4 rounded-full bg-text-2 transition-transform group-aria-checked:translate-x-5 group-aria-checked:bg-accent" />
    </button>
  );
}

interface TimeFieldProps {
  readonly label: string;
  readonly minute: number;
  readonly onChange: (minute: number) => void;
}

function TimeField({ label, minute, onChange }: TimeFieldProps) {
  return (
    <input
      aria-label={label}
      className="field w-32"
      type="time"
      value={timeOfDay(minute)}
      onChange={(event) => {
        const chosen = minuteOf(event.target.value);
        if (chosen !== null) onChange(chosen);
      }}
    />
  );
}
