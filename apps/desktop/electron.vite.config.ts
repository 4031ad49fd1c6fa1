import { defineConfig } from 'electron-vite';
import { rendererPlugins, TREESHAKE } from './renderer-plugins.ts';

/**
 * The desktop app: main → out/main, preload → out/preload, renderer → out/renderer.
 * Everything that is ours is bundled; of npm only what Node itself loads at run time stays outside.
 */
export default defineConfig({
  main: {
    define: { UPDATE_FEED: JSON.stringify(process.env['SENTINELLOG_UPDATE_FEED'] ?? '') },
    build: {
      outDir: 'out/main',
      externalizeDeps: { exclude: ['@sentinellog/shared', 'zod', 'ws'] },
      rolldownOptions: { input: 'src/main/index.ts', output: { format: 'es', entryFileNames: '[name].js' } },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: { exclude: ['@sentinellog/shared'] },
      // A sandboxed preload must be CommonJS.
      rolldownOptions: { input: 'src/preload/index.ts', output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: rendererPlugins(),
    build: {
      outDir: 'out/renderer',
      // electron-vite leaves the renderer as it is by default; a third of the size is worth the debugging.
      minify: true,
      sourcemap: false,
      rolldownOptions: { input: 'src/renderer/index.html', treeshake: TREESHAKE },
    },
  },
});
