import { copyText } from '../components/copy-text.ts';
import type { Console } from '../stores/console.ts';
import type { Command } from './command.ts';

/** What can be done in the live feed by key (ux §2.3). */
export function feedCommands(console: Console): readonly Command[] {
  const here = { group: 'Live feed', context: 'feed' } as const;
  const feed = () => console.panels.feed;
  const noLine = () => (feed()?.chosen() === true ? null : 'no line is chosen (j and k)');
  return [
    { id: 'feed.down', title: 'Next line', ...here, keys: ['j', 'ArrowDown'], run: () => feed()?.move(1) },
    { id: 'feed.up', title: 'Previous line', ...here, keys: ['k', 'ArrowUp'], run: () => feed()?.move(-1) },
    {
      id: 'feed.expand',
      title: 'The line in full',
      ...here,
      keys: ['Enter'],
      disabledReason: noLine,
      run: () => feed()?.expand(),
    },
    { id: 'feed.pause', title: 'Pause or resume', ...here, keys: ['Space'], run: () => feed()?.togglePause() },
    {
      id: 'feed.newest',
      title: 'Newest line, and resume',
      ...here,
      keys: ['Shift+G', 'End'],
      run: () => feed()?.newest(),
    },
    {
      id: 'feed.explain',
      title: 'Explain the minute around the line',
      ...here,
      keys: ['e'],
      disabledReason: noLine,
      run: () => feed()?.explainAround(),
    },
    {
      id: 'feed.template',
      title: 'Open the page of its pattern',
      ...here,
      keys: ['o'],
      disabledReason: noLine,
      run: () => feed()?.openTemplate(),
    },
    { id: 'feed.fold', title: 'Lines or patterns', ...here, keys: ['b'], run: () => feed()?.toggleFold() },
    { id: 'feed.wrap', title: 'Wrap long lines', ...here, keys: ['Alt+Z'], run: () => feed()?.toggleWrap() },
    {
      id: 'feed.link',
      title: 'Copy a link to the line',
      ...here,
      keys: ['y'],
      disabledReason: noLine,
      run: () => {
        const link = feed()?.link() ?? null;
        console.announce(link !== null && copyText(link) ? 'Link copied' : 'Nothing could be copied here');
      },
    },
  ];
}
