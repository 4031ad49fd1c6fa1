import { expect, it } from 'vitest';
import { webhookProblem } from './webhook-problem.ts';

it.each([
  'https://hooks.slack.com/services/T0/B0/abc',
  'https://mattermost.example/hooks/abc',
  'http://127.0.0.1:9000/hook',
])('%s can be a webhook', (text) => {
  expect(webhookProblem(text)).toBeNull();
});

it.each([
  ['hooks.slack.com/services/T0', /begins with https/],
  ['http://hooks.example/x', /begins with https/],
  ['https://hooks.slack.com/', /not complete/],
])('%s is refused in words', (text, words) => {
  expect(webhookProblem(text)).toMatch(words);
});
