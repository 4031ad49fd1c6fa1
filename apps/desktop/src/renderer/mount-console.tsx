import './valid-language.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { ConsoleBridge } from '../bridge/calls.ts';
import { App } from './app.tsx';
import { indexedDbShelf } from './indexed-db-shelf.ts';
import { FrameLoop } from './charts/frame-loop.ts';
import { Console } from './stores/console.ts';
import './styles/base.css';

/** 128 bits in hex; `crypto.randomUUID` is missing on a page that came over plain http. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const FOLLOW_AFTER_MS = 1500;

function setTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** Starts the console in `#root` on a bridge: the one place where its clock, timers and storage come in. */
export function mountConsole(bridge: ConsoleBridge): Console {
  const console = new Console({
    bridge,
    now: () => Date.now(),
    setTimer,
    shelf: localStorage,
    newKey: randomKey,
    lastKnown: indexedDbShelf(indexedDB),
  });
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  const frames = new FrameLoop({
    request: (run) => requestAnimationFrame(run),
    cancel: (handle) => cancelAnimationFrame(handle),
    calm: () => reducedMotion.matches,
  });
  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no #root to show the console in');
  createRoot(root).render(
    <StrictMode>
      <App console={console} frames={frames} modIsMeta={navigator.platform.startsWith('Mac')} />
    </StrictMode>,
  );
  const follow = () =>
    import('./stores/view-link.ts').then(({ followAddress }) => followAddress(console, window, setTimer));
  // Without an address to show, the first second is for the chart.
  if (location.hash === '') setTimer(() => void follow(), FOLLOW_AFTER_MS);
  else void follow();
  console.start().catch((error: unknown) => globalThis.console.error('The console did not start:', error));
  return console;
}
