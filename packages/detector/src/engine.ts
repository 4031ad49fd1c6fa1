/** Version of the formulas and constants: a receipt names the one it was made with. Change it whenever a decision can change. */
export const ENGINE_VERSION = '1.4.0';
