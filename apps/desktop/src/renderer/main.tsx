import '../bridge/no-eval.ts';
import type { ConsoleBridge } from '../bridge/calls.ts';
import { mountConsole } from './mount-console.tsx';

declare global {
  interface Window {
    /** Put there by the preload script. */
    readonly sentinel: ConsoleBridge;
  }
}

mountConsole(window.sentinel);
