interface Segment {
  readonly id: string;
  readonly title: string;
  readonly count?: string | undefined;
}

/** A filter of a few choices, all of them in sight. */
export function Segments(props: {
  readonly label: string;
  readonly segments: readonly Segment[];
  readonly current: string;
  readonly onSelect: (id: string) => void;
}) {
  return (
    // A fieldset would bring its own frame and legend; the group is named by its label.
    // biome-ignore lint/a11y/useSemanticElements: see above
    <div className="segments" role="group" aria-label={props.label}>
      {props.segments.map((segment) => (
        <button
          key={segment.id}
          type="button"
          aria-pressed={segment.id === props.current}
          onClick={() => props.onSelect(segment.id)}
        >
          {segment.title}{' '}
          {segment.count !== undefined && <span className="count">{segment.count}</span>}
        </button>
      ))}
    </div>
  );
}
