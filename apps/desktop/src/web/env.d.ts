interface ImportMetaEnv {
  /** The console's version, put in by vite.web.config.ts. */
  readonly VITE_CONSOLE_VERSION: string;
}
