/** The console's page by what a person, or a screen reader, finds on it: the one place that knows its names. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { RunningAgent } from './start-agent.ts';

/** The chip that says how fresh the figures are. */
export function freshness(page: Page): Locator {
  return page.getByRole('banner').getByText(/^(LIVE|LAG|STALE|RECONNECTING|OFFLINE|DEGRADED|HELD|NO DATA)$/);
}

export function volumeChart(page: Page): Locator {
  return page.getByRole('group', { name: /volume/i });
}

/** The markers of a service's anomalies on the chart, loud ones. */
export function markers(page: Page, service: string): Locator {
  return volumeChart(page).getByRole('button', { name: new RegExp(`^P[12] .*${service}`) });
}

/** A service's lines in the list of anomalies, newest first. On the chart markers that stand close share a button. */
export function anomalyRows(page: Page, service: string): Locator {
  return page.getByRole('region', { name: 'Anomalies' }).getByRole('button').filter({ hasText: service });
}

/** Waits until the Heartbeat view shows a live chart. */
export async function seesHeartbeat(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Heartbeat', level: 1 })).toBeVisible();
  await expect(volumeChart(page)).toBeVisible();
}

/** Fills the form that the desktop console shows while it has no agent. */
export async function addAgent(page: Page, url: string, token: string): Promise<void> {
  await page.getByLabel('Address').fill(url);
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Connect' }).click();
}

/** Opens the browser console of an agent and signs in. */
export async function signIn(page: Page, agent: Pick<RunningAgent, 'url' | 'adminToken'>): Promise<void> {
  await page.goto(agent.url);
  await page.getByLabel('Access token').fill(agent.adminToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await seesHeartbeat(page);
}

/** By the keyboard: `g s`. */
export async function goToSources(page: Page): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page.getByRole('heading', { name: /^Sources/, level: 1 })).toBeVisible();
}
