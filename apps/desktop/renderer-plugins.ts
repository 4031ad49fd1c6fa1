import babel from '@rolldown/plugin-babel';
import tailwindcss from '@tailwindcss/vite';
import react, { reactCompilerPreset } from '@vitejs/plugin-react';

/** What turns the renderer's source into a page; the same for the desktop app, the browser console and the gallery. */
export const rendererPlugins = () => [react(), babel({ presets: [reactCompilerPreset()] }), tailwindcss()];

/**
 * Making a schema has no effect of its own, but no bundler can see that: without this word every schema of the packages
 * that share a file with a constant, and zod with them, is on the way to the first chart (80 KB).
 */
export const TREESHAKE = { manualPureFunctions: ['z'] };
