import { defineConfig } from 'vite';
import product from './package.json' with { type: 'json' };
import { rendererPlugins, TREESHAKE } from './renderer-plugins.ts';

/** The same renderer behind the browser's own bridge, served by an agent: index.html and hashed files in assets/. */
export default defineConfig({
  root: 'src/web',
  base: '/',
  define: { 'import.meta.env.VITE_CONSOLE_VERSION': JSON.stringify(product.version) },
  plugins: rendererPlugins(),
  build: {
    outDir: '../../out/web',
    emptyOutDir: true,
    sourcemap: false,
    rolldownOptions: { treeshake: TREESHAKE },
  },
});
