import { useEffect, useRef, type ComponentProps } from 'react';
import { useConsole } from '../../stores/use-console.ts';

/** The one `h1` of a view. Whoever comes to the view by a command finds the focus here, never on `body` (ux §2.5). */
export function ViewTitle(props: ComponentProps<'h1'>) {
  const console = useConsole();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (console.view.getState().navigations > 0) title.current?.focus({ preventScroll: true });
  }, [console]);
  return <h1 {...props} ref={title} tabIndex={-1} />;
}
