import { SEVERITIES, SENSITIVITIES } from '@sentinellog/shared';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { ChoiceBar } from './choice-bar.tsx';
import { LogText } from './log-text.tsx';
import { reachableWords } from './sensitivity-bar.tsx';
import { SeverityBadge } from './severity-badge.tsx';

describe('SeverityBadge', () => {
  it.each(SEVERITIES)('%s is told by a shape of its own and by its word, never by colour alone', (severity) => {
    const html = renderToStaticMarkup(<SeverityBadge severity={severity}>14.2σ</SeverityBadge>);
    expect(html).toContain(severity);
    const shapes = SEVERITIES.map(
      (one) => /<path d="([^"]+)"/.exec(renderToStaticMarkup(<SeverityBadge severity={one} />))?.[1],
    );
    expect(new Set(shapes).size).toBe(4);
  });

  it('is a solid fill for P1 only', () => {
    const solid = SEVERITIES.filter((severity) =>
      / bg-p\d /.test(renderToStaticMarkup(<SeverityBadge severity={severity} />)),
    );
    expect(solid).toEqual(['P1']);
  });
});

describe('LogText', () => {
  it('puts hostile text into text nodes and shows what would hide', () => {
    const html = renderToStaticMarkup(<LogText text={'<img src=x onerror="alert(1)"> \u202Eetadpu\u0007'} />);
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=');
    expect(html).toContain('\\u202e');
    expect(html).toContain('\\u0007');
  });
});

describe('sensitivity', () => {
  it('says which severities it can still produce', () => {
    expect(SENSITIVITIES.map(reachableWords)).toEqual(['P1 only', 'P1–P3', 'P1–P4']);
  });
});

describe('ChoiceBar', () => {
  it('is one radio group with one stop for Tab', () => {
    const html = renderToStaticMarkup(
      <ChoiceBar
        choices={[
          { value: 'volume', label: 'Volume' },
          { value: 'error_rate', label: 'Error rate' },
        ]}
        label="Signal"
        value="error_rate"
        onChange={() => undefined}
      />,
    );
    expect(html).toContain('role="radiogroup"');
    expect(html.match(/tabindex="0"/g)).toHaveLength(1);
    expect(html).toMatch(/aria-checked="true"[^>]*tabindex="0"/);
  });
});
