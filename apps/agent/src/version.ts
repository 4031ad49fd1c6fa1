/** The one version of everything in this repository; release tooling keeps it equal to package.json's. */
export const VERSION = '0.1.0';
