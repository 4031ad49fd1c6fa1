/** The sections of the settings and the words under which a person looks for them. */
export const SECTIONS = [
  {
    id: 'clusters',
    title: 'Clusters',
    words: 'agents clusters add remove token colour color code name key store retry sign out connection',
  },
  { id: 'appearance', title: 'Appearance', words: 'appearance text size time zone utc local clock motion contrast' },
  { id: 'data', title: 'Data on this computer', words: 'data cache offline last known state clear remove disk' },
  {
    id: 'notifications',
    title: 'Notifications',
    words: 'notifications alerts sound severity p1 p2 p3 p4 digest quiet hours do not disturb night pause test storm',
  },
  {
    id: 'window',
    title: 'Window and start',
    words: 'window tray close quit hide login start wallboard pop-out update version',
  },
  { id: 'keyboard', title: 'Keyboard', words: 'keyboard keys shortcuts remap vim preset single' },
] as const;
export type SectionId = (typeof SECTIONS)[number]['id'];

/** The sections that have every typed word, in part; all of them when nothing is typed. */
export function sectionsFor(search: string): ReadonlySet<SectionId> {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  return new Set(
    SECTIONS.filter(({ words, title }) => wanted.every((word) => `${title} ${words}`.toLowerCase().includes(word))).map(
      ({ id }) => id,
    ),
  );
}
