/** What commands can do to the Explain panel. */
export interface ExplainControls {
  /** The row that keys act on; null while none is chosen. */
  readonly chosen: () => string | null;
  readonly hasFocus: () => boolean;
  focus(): void;
  move(step: number): void;
  toggleSamples(): void;
  toggleOrder(): void;
  rerank(): void;
  nextReference(): void;
  filterFeed(): void;
  silence(): void;
  openTemplate(): void;
}

/** What commands can do to the live feed. */
export interface FeedControls {
  readonly chosen: () => boolean;
  readonly isPaused: () => boolean;
  move(step: number): void;
  expand(): void;
  togglePause(): void;
  newest(): void;
  explainAround(): void;
  openTemplate(): void;
  toggleWrap(): void;
  toggleFold(): void;
  link(): string | null;
  /** False when there was nothing to leave. */
  stepOut(): boolean;
}

/** Panels that are not always on the screen announce here what can be done to them while they are. */
export interface PanelControls {
  readonly explain: ExplainControls | null;
  readonly feed: FeedControls | null;
}
