import { describe, expect, it } from 'vitest';
import { addressProblem } from './address-problem.ts';

describe('addressProblem', () => {
  it.each(['https://sentinel.eu.example:8400', 'http://127.0.0.1:8400', ' http://[::1]:8400 '])('takes %s', (url) => {
    expect(addressProblem(url)).toBeNull();
  });

  it.each([
    ['', 'Enter the address'],
    ['sentinel.eu.example', 'should look like'],
    ['sentinel.eu.example:8400', 'should look like'],
    ['ftp://sentinel.eu.example', 'must begin with'],
    ['https://mia:secret@eu.example', 'Leave the name and password out'],
  ])('says of "%s" what is wrong', (url, words) => {
    expect(addressProblem(url)).toContain(words);
  });
});
