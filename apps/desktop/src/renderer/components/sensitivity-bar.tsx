import { reachableSeverities, SENSITIVITIES, SENSITIVITY_SIGMA, type Sensitivity } from '@sentinellog/shared';
import { ChoiceBar } from './choice-bar.tsx';

const NAMES: Readonly<Record<Sensitivity, string>> = { low: 'Low', medium: 'Medium', high: 'High' };

/** `P1`, `P1–P3`: which severities a sensitivity can still produce. Low can only ever be P1, and has to say so. */
export function reachableWords(sensitivity: Sensitivity): string {
  const reachable = reachableSeverities(SENSITIVITY_SIGMA[sensitivity]);
  const [first, last] = [reachable[0], reachable.at(-1)];
  return first === last ? `${first} only` : `${first}–${last}`;
}

interface SensitivityBarProps {
  readonly service: string;
  readonly value: Sensitivity;
  readonly disabledReason?: string | null | undefined;
  readonly onChange: (sensitivity: Sensitivity) => void;
}

export function SensitivityBar({ service, value, disabledReason, onChange }: SensitivityBarProps) {
  return (
    <ChoiceBar
      choices={SENSITIVITIES.map((sensitivity) => ({
        value: sensitivity,
        label: NAMES[sensitivity],
        detail: `${SENSITIVITY_SIGMA[sensitivity]}σ`,
        title: `${NAMES[sensitivity]}: fires at ${SENSITIVITY_SIGMA[sensitivity]}σ, so its anomalies are ${reachableWords(sensitivity)}`,
      }))}
      disabledReason={disabledReason}
      label={`Sensitivity of ${service}`}
      value={value}
      onChange={onChange}
    />
  );
}
