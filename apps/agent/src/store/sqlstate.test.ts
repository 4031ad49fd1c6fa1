import { describe, expect, it } from 'vitest';
import { meansDown, remedyOf } from './sqlstate.ts';

const failure = (code: string) => Object.assign(new Error('failed'), { code });

describe('remedy of a database error', () => {
  it.each(['08006', '57P01', '57P02', '57P03', '53100', '53300', '40001', '40P01', '55P03', '57014', '25006', '58030'])(
    'tries again after %s',
    (code) => {
      expect(remedyOf(failure(code))).toBe('retry');
    },
  );

  it.each(['22021', '22P05', '22P02', '22003', '22008', '23514', '54000'])(
    'sets the one row aside after %s',
    (code) => {
      expect(remedyOf(failure(code))).toBe('poison');
    },
  );

  it.each(['28P01', '28000', '3D000', '42P01', '42501', '23505', 'XX000'])('asks for a person after %s', (code) => {
    expect(remedyOf(failure(code))).toBe('config');
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT'])('tries again when Node says %s', (code) => {
    expect(remedyOf(failure(code))).toBe('retry');
    expect(meansDown(failure(code))).toBe(true);
  });

  it('looks into the failures of every address of a name', () => {
    expect(remedyOf(new AggregateError([failure('ECONNREFUSED'), failure('ECONNREFUSED')]))).toBe('retry');
  });

  it.each(['Query read timeout', 'timeout exceeded when trying to connect', 'Connection terminated unexpectedly'])(
    'knows the words of pg: %s',
    (words) => {
      expect(remedyOf(new Error(words))).toBe('retry');
      expect(meansDown(new Error(words))).toBe(true);
    },
  );

  it('does not take a full disk or a lost lock for a server that is gone', () => {
    expect(meansDown(failure('53100'))).toBe(false);
    expect(meansDown(failure('40P01'))).toBe(false);
  });

  it('does not try again what is a mistake of ours', () => {
    expect(remedyOf(new TypeError('x is not a function'))).toBe('config');
  });
});
