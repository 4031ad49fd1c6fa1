import { useMemo } from 'react';
import { FrameLoopContext } from './charts/frame-loop-context.ts';
import type { FrameLoop } from './charts/frame-loop.ts';
import { createCommands } from './commands/console-commands.ts';
import { KeyboardProvider } from './commands/keyboard.tsx';
import type { Console } from './stores/console.ts';
import { ConsoleContext } from './stores/use-console.ts';
import { Shell } from './views/shell/shell.tsx';

interface AppProps {
  readonly console: Console;
  readonly frames: FrameLoop;
  /** True on macOS, where Mod is ⌘. */
  readonly modIsMeta: boolean;
}

export function App({ console, frames, modIsMeta }: AppProps) {
  const commands = useMemo(() => createCommands(console), [console]);
  return (
    <ConsoleContext value={console}>
      <FrameLoopContext value={frames}>
        <KeyboardProvider commands={commands} console={console} modIsMeta={modIsMeta}>
          <Shell />
        </KeyboardProvider>
      </FrameLoopContext>
    </ConsoleContext>
  );
}
