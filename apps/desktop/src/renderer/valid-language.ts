/**
 * Chromium on a machine with LANG=C calls its language `en-US@posix`, which Intl refuses with a RangeError. uPlot asks
 * Intl while it is being loaded, so the whole page would stay blank: imported before anything that draws.
 */
if (!isKnownToIntl(navigator.language)) {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}

function isKnownToIntl(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
