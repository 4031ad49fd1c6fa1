import { createContext, useContext } from 'react';
import type { FrameLoop } from './frame-loop.ts';

export const FrameLoopContext = createContext<FrameLoop | null>(null);

export function useFrameLoop(): FrameLoop {
  const loop = useContext(FrameLoopContext);
  if (loop === null) throw new Error('a chart was rendered outside <FrameLoopContext>');
  return loop;
}
