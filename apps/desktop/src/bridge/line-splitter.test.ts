import { array, assert, nat, property, string } from 'fast-check';
import { expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

it('gives the same lines however the text was cut into pieces', () => {
  const line = string().map((text) => text.replaceAll('\n', ' '));
  assert(
    property(array(line), array(nat(40)), (lines, cuts) => {
      const text = lines.join('\n');
      const splitter = new LineSplitter();
      const got: string[] = [];
      let from = 0;
      for (const size of cuts) {
        got.push(...splitter.push(text.slice(from, from + size)));
        from += size;
      }
      got.push(...splitter.push(text.slice(from)), ...splitter.end());
      expect(got).toEqual(lines.filter((one) => one !== ''));
    }),
  );
});
