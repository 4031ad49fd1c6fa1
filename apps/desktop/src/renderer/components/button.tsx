import type { ComponentProps } from 'react';

const LOOKS = {
  primary: 'bg-accent text-ink font-semibold hover:brightness-110',
  plain: 'border border-line-2 text-text-1 hover:bg-hover',
  quiet: 'text-text-2 hover:bg-hover hover:text-text-1',
  danger: 'border border-p1 text-p1 hover:bg-p1 hover:text-ink',
} as const;

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  readonly look?: keyof typeof LOOKS;
  readonly size?: 'normal' | 'small' | 'large';
  /** Said aloud and shown; the button stays focusable, so that the reason can be found. */
  readonly disabledReason?: string | null | undefined;
}

const SIZES = { small: 'h-6 px-2 text-xs', normal: 'h-7 px-3 text-sm', large: 'h-8 px-4 text-sm' } as const;

export function Button({
  look = 'plain',
  size = 'normal',
  disabledReason = null,
  className = '',
  onClick,
  ...rest
}: ButtonProps) {
  const disabled = disabledReason !== null;
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={disabled || undefined}
      className={`inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md whitespace-nowrap transition-[filter,background-color] active:translate-y-px aria-disabled:opacity-60 ${SIZES[size]} ${LOOKS[look]} ${className}`}
      title={disabledReason ?? rest.title}
      onClick={(event) => {
        if (disabled) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
