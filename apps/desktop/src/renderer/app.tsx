import { useMemo } from 'react';
import { FrameLoopContext } from './charts/frame-loop-context.ts';
import type { FrameLoop } from './charts/frame-loop.ts';
import type { Command } from './commands/command.ts';
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
  const commands = useMemo(() => {
    const all = createCommands(console);
    return console.bridge.window === 'wallboard' ? all.map(onWallboard) : all;
  }, [console]);
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

/** A wall is looked at, and whoever leans on its keyboard must not acknowledge anything. */
function onWallboard(command: Command): Command {
  return command.effect === undefined ? command : { ...command, disabledReason: () => 'a wallboard only shows' };
}
