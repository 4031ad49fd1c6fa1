import type { DetectorKind } from './detector.ts';
import { NEW_TEMPLATES } from './detectors/new-templates.ts';
import { ODD_MINUTES } from './detectors/odd-minutes.ts';
import { SEASONAL_Z_SCORE } from './detectors/seasonal-z-score.ts';
import { SELF_CALIBRATING } from './detectors/self-calibrating.ts';
import { SILENCE } from './detectors/silence.ts';
import { SLOW_MINUTES } from './detectors/slow-minutes.ts';
import { TEMPLATE_FREQUENCY } from './detectors/template-frequency.ts';
import type { MinuteDetectorKind } from './minute-detector.ts';

/**
 * Every detector that looks at windows of counted seconds, in the order in which they are asked. To add one: a file in detectors/
 * and a line here.
 */
export const DETECTORS: readonly DetectorKind[] = [SEASONAL_Z_SCORE, SILENCE, SELF_CALIBRATING];

/** Every detector that looks at whole minutes: durations, templates, shapes. To add one: a file in detectors/ and a line here. */
export const MINUTE_DETECTORS: readonly MinuteDetectorKind[] = [
  SLOW_MINUTES,
  NEW_TEMPLATES,
  TEMPLATE_FREQUENCY,
  ODD_MINUTES,
];
