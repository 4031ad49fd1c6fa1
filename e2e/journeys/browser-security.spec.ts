import { expect, test } from '@playwright/test';
import { markers, signIn } from '../harness/console-page.ts';
import { logLine, sendHistory, sendLogs } from '../harness/send-logs.ts';
import { attachLogOnFailure, startAgent, type RunningAgent } from '../harness/start-agent.ts';

/** What an attacker who can only log would try: every line ends up on an operator's screen. */
const PAYLOADS = [
  '<img src=x onerror="window.__ran=1">',
  '<script>window.__ran=1</script>',
  '<svg/onload=window.__ran=1>',
  'javascript:window.__ran=1',
  '"><iframe srcdoc="<script>parent.__ran=1</script>">',
  '{{constructor.constructor("window.__ran=1")()}}',
  '\u202Egnp.exe\u202C harmless\u0000\u001B[31m',
  '</script><script>window.__ran=1</script>',
  '<a href="https://evil.example/" autofocus onfocus="window.__ran=1">order</a>',
  '<style>@import "https://evil.example/x.css"</style>',
];

test.describe('the console in a browser is closed', () => {
  let agent: RunningAgent;
  test.beforeAll(async () => {
    agent = await startAgent();
    await sendHistory(agent, ['payment-service'], { seconds: 1800, perSecond: 5 });
  });
  test.afterEach(() => attachLogOnFailure(test.info(), agent));
  test.afterAll(() => agent.remove());

  test('every answer of the page carries the policy', async ({ request }) => {
    const answer = await request.get(agent.url);
    const policy = answer.headers()['content-security-policy'] ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(rule);
    }
    expect(policy).not.toContain('unsafe');
    expect(answer.headers()['x-content-type-options']).toBe('nosniff');
  });

  test('hostile log lines are text: nothing runs, nothing is fetched', async ({ page }) => {
    const foreign: string[] = [];
    const violations: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(agent.url) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/i.test(message.text())) violations.push(message.text());
    });
    await signIn(page, agent);

    // As messages, as a service's name, as a trace id: a spike makes an anomaly whose samples are shown.
    const services = ['payment-service', '<img src=x onerror=window.__ran=1>'];
    for (let second = 0; second < 6; second++) {
      const lines = Array.from({ length: 400 }, (_, number) => ({
        ...logLine(services[number % 20 === 0 ? 1 : 0] ?? '', Date.now(), number),
        message: `${PAYLOADS[number % PAYLOADS.length] ?? ''} ${number}`,
        trace_id: '<b>trace</b>',
      }));
      expect((await sendLogs(agent, lines)).status).toBe(202);
      await page.waitForTimeout(1000);
    }
    const marker = markers(page, 'payment-service').first();
    await expect(marker).toBeVisible();
    await marker.click();
    // The samples of the anomaly show the payloads as the text that they are.
    await expect(page.getByText('__ran=1', { exact: false }).first()).toBeVisible();
    expect(await page.evaluate(() => '__ran' in window)).toBe(false);
    expect(foreign).toEqual([]);
    expect(violations).toEqual([]);
  });

  test('the page cannot be framed, and a stranger’s page cannot use its session', async ({ page, request }) => {
    await signIn(page, agent);
    const [cookie] = await page.context().cookies();
    const foreign = await request.patch(`${agent.url}/v1/sources/any`, {
      headers: { cookie: `${cookie?.name}=${cookie?.value}`, origin: 'https://evil.example' },
      data: { sensitivity: 'low' },
    });
    expect(foreign.status()).toBe(403);
  });
});
