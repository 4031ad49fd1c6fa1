/** Drawn on a 20-pixel grid with a 1.5-pixel line, so that they stay crisp at 18 and 20 px. */
const PATHS = {
  batcave: 'M3 3.5h6v6H3zM11 3.5h6v3.5h-6zM11 9.5h6v7h-6zM3 12h6v4.5H3z',
  heartbeat: 'M2 10.5h3.4l2-5.5 3.4 10.5 2.4-7 1.2 2H18',
  incidents: 'M10 3 18 16.5H2zM10 8v4M10 14.2v.1',
  feed: 'M3 5h14M3 8.4h9M3 11.8h14M3 15.2h6',
  map: 'M5.5 7.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM14.5 9.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM8 16.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7.4 6l5.2.9M6.2 7.4l1.2 5M13.2 9l-3.8 4.2',
  timeline: 'M6 3v14M6 5.5h10M6 10h7M6 14.5h9M4.4 5.5h3.2M4.4 10h3.2M4.4 14.5h3.2',
  rules: 'M3 6h7M14 6h3M10 6a2 2 0 1 0 4 0 2 2 0 0 0-4 0ZM3 14h3M10 14h7M6 14a2 2 0 1 0 4 0 2 2 0 0 0-4 0Z',
  automation: 'M11 2.5 4.5 11h4.6L8.4 17.5 15.5 8.6h-4.9z',
  sources: 'M10 12V3M6.6 8.7 10 12l3.4-3.3M3 12.5V16a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-3.5',
  settings:
    'M10 12.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2ZM10 2.5v2.2M10 15.3v2.2M2.5 10h2.2M15.3 10h2.2M4.7 4.7l1.5 1.5M13.8 13.8l1.5 1.5M4.7 15.3l1.5-1.5M13.8 6.2l1.5-1.5',
  help: 'M10 17.2a7.2 7.2 0 1 0 0-14.4 7.2 7.2 0 0 0 0 14.4ZM7.9 8a2.2 2.2 0 1 1 3.2 2c-.8.4-1.1.8-1.1 1.6M10 14.1v.1',
  play: 'M6 4v12l9.5-6z',
  chevron: 'M6 8l4 4 4-4',
  close: 'M5 5l10 10M15 5 5 15',
  check: 'M4 10.5l4 4 8-9',
  copy: 'M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4',
  plus: 'M10 4v12M4 10h12',
  cluster: 'M10 2.8 16.5 6.4v7.2L10 17.2 3.5 13.6V6.4zM3.5 6.4 10 10l6.5-3.6M10 10v7.2',
  panel: 'M3 4h14v12H3zM12 4v12',
  retry: 'M15.8 8A6.2 6.2 0 1 0 16 12M16 4v4h-4',
  table: 'M3 4h14v12H3zM3 8h14M3 12h14M8 4v12',
  left: 'M12 5l-5 5 5 5',
  right: 'M8 5l5 5-5 5',
  signout: 'M8 4H4v12h4M8 10h9M13.5 6.5 17 10l-3.5 3.5',
} as const;
export type IconName = keyof typeof PATHS;

interface IconProps {
  readonly name: IconName;
  readonly size?: number;
  readonly className?: string;
}

/** Decoration only: the word is always there as well, on the screen or for assistive technology. */
export function Icon({ name, size = 16, className = '' }: IconProps) {
  return (
    <svg
      aria-hidden="true"
      className={`shrink-0 ${className}`}
      fill="none"
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="1.5"
      viewBox="0 0 20 20"
      width={size}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
