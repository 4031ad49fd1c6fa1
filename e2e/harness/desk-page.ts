/** The console on made-up agents, as a journey meets it. */
import { expect, type Page } from '@playwright/test';

/** Past the moment in which keys are taken for ones that were meant for another window. */
export const SETTLED_MS = 1500;

/** Resolves when the incidents are there and keys count. */
export async function openDesk(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByRole('list', { name: 'Open incidents' })).toBeVisible();
  await page.waitForTimeout(SETTLED_MS);
}

export async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}
