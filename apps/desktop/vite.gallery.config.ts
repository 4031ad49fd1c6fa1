import { defineConfig } from 'vite';
import { rendererPlugins, TREESHAKE } from './renderer-plugins.ts';

/** The console on made-up agents, for looking at while it is being worked on: `vite --config vite.gallery.config.ts`. */
export default defineConfig({
  root: 'src/renderer/testing',
  base: './',
  plugins: rendererPlugins(),
  build: {
    outDir: '../../../out/gallery',
    emptyOutDir: true,
    rolldownOptions: { input: 'src/renderer/testing/gallery.html', treeshake: TREESHAKE },
  },
});
