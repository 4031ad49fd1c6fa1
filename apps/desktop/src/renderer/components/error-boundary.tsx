import { Component, type ReactNode } from 'react';
import { Button } from './button.tsx';

interface ErrorBoundaryProps {
  /** What fails as one, for the words. */
  readonly name: string;
  readonly children: ReactNode;
}

interface ErrorBoundaryState {
  readonly failure: string | null;
}

/** A mistake of ours stays inside its view: the rest of the console goes on. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { failure: null };

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    return { failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return (
      <div className="grid h-full place-items-center p-6" role="alert">
        <div className="flex max-w-[440px] flex-col items-start gap-3">
          <h1 className="text-lg font-semibold">{this.props.name} has failed</h1>
          <p className="text-sm text-text-2">
            The agents go on counting, and the other views still work. This is a mistake in the console; please report
            these words:
          </p>
          <code className="rounded-md bg-bg-1 px-3 py-2 font-mono text-xs break-words text-text-1">{failure}</code>
          <Button look="primary" onClick={() => this.setState({ failure: null })}>
            Try again
          </Button>
        </div>
      </div>
    );
  }
}
