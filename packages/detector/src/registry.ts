import type { DetectorKind } from './detector.ts';
import { SEASONAL_Z_SCORE } from './detectors/seasonal-z-score.ts';
import { SELF_CALIBRATING } from './detectors/self-calibrating.ts';
import { SILENCE } from './detectors/silence.ts';

/** Every detector that runs, in the order in which they are asked. To add one: a file in detectors/ and a line here. */
export const DETECTORS: readonly DetectorKind[] = [SEASONAL_Z_SCORE, SILENCE, SELF_CALIBRATING];
