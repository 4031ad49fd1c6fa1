import { describe, expect, it } from 'vitest';
import { printable } from './printable.ts';

describe('printable', () => {
  it.each([
    ['payment-service', 'payment-service'],
    ['Zahlungs-Dienst ü 支払い 🚀', 'Zahlungs-Dienst ü 支払い 🚀'],
    ['\u001b[2Jgone', '\\u001b[2Jgone'],
    ['\u001b]52;c;cGF5bG9hZA==\u0007', '\\u001b]52;c;cGF5bG9hZA==\\u0007'],
    ['\u009b31mred', '\\u009b31mred'],
    ['two\r\nlines\t', 'two\\u000d\\u000alines\\u0009'],
    ['user\u202etxt.exe', 'user\\u202etxt.exe'],
    ['zero\u200bwidth\u2066\ufeff', 'zero\\u200bwidth\\u2066\\ufeff'],
    ['half \ud83d', 'half \\ud83d'],
  ])('%j', (text, printed) => {
    expect(printable(text)).toBe(printed);
  });
});
