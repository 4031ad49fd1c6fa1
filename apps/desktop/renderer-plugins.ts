import babel from '@rolldown/plugin-babel';
import tailwindcss from '@tailwindcss/vite';
import react, { reactCompilerPreset } from '@vitejs/plugin-react';

/** What turns the renderer's source into a page; the same for the desktop app, the browser console and the gallery. */
export const rendererPlugins = () => [react(), babel({ presets: [reactCompilerPreset()] }), tailwindcss()];
