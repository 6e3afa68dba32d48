import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useWidth } from '../charts/use-width.ts';
import { useConsole } from '../console-context.ts';
import { StateIcon } from '../parts/state-mark.tsx';
import { hues } from '../state.ts';
import type { FoldedNode } from './fold.ts';
import { type Layout, layOut } from './layout.ts';

const node = { most: 132, least: 86, height: 44 };
const gap = { most: 48, least: 12, row: 16 };
const padding = 12;
/** Columns and rows beyond the window that are drawn, so that scrolling shows no holes. */
const overscan = 2;

interface Geometry {
  readonly nodeWidth: number;
  readonly columnStep: number;
  readonly rowStep: number;
}

/** Nodes shrink to let the graph fit its panel, down to a width that names still fit in. */
function geometryFor(layers: number, width: number): Geometry {
  const room = Math.max(0, width - 2 * padding);
  const step = Math.min(node.most + gap.most, Math.max(node.least + gap.least, room / layers));
  const between = Math.max(gap.least, Math.min(gap.most, step * 0.12));
  return { nodeWidth: step - between, columnStep: step, rowStep: node.height + gap.row };
}

interface GraphProps {
  readonly label: string;
  readonly nodes: readonly FoldedNode[];
  readonly selected?: string | undefined;
  readonly onPick: (id: string) => void;
  /** The second line of a node. */
  readonly note: (node: FoldedNode) => string;
  readonly maxHeight?: number;
}

/** A graph from left to right. Arrows follow its edges; only what is in sight is drawn. */
export function Graph(props: GraphProps) {
  const { nodes, selected, onPick } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const [scroll, setScroll] = useState({ x: 0, y: 0 });
  const shape = nodes.map((each) => `${each.id}<${each.upstream.join(',')}`).join(';');
  // Live states repaint in place: only a change of shape lays out again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape stands for the nodes
  const layout = useMemo(() => layOut(nodes), [shape]);
  const geometry = geometryFor(layout.layers, width);
  const size = {
    width: layout.layers * geometry.columnStep - (geometry.columnStep - geometry.nodeWidth),
    height: layout.rows * geometry.rowStep - gap.row,
  };
  const seen = visible(layout, geometry, scroll, width, props.maxHeight ?? 480);
  const current = selected !== undefined && layout.nodes.has(selected) ? selected : nodes[0]?.id;
  const list = useRef<HTMLUListElement>(null);
  const walk = (event: KeyboardEvent): void => {
    const from = (event.target as HTMLElement).dataset.node;
    const next = from === undefined ? undefined : neighbour(layout, from, event.key);
    if (next === undefined) return;
    event.preventDefault();
    onPick(next);
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus(),
    );
  };
  return (
    <div
      ref={ref}
      className="graph"
      dir="ltr"
      style={{ maxBlockSize: props.maxHeight }}
      onScroll={({ currentTarget: box }) => setScroll({ x: box.scrollLeft, y: box.scrollTop })}
    >
      <div className="graph-sheet" style={{ width: size.width, height: size.height }}>
        <Edges layout={layout} geometry={geometry} nodes={nodes} seen={seen} size={size} />
        <ul ref={list} aria-label={props.label} onKeyDown={walk}>
          {nodes
            .filter((each) => seen(layout.nodes.get(each.id)!))
            .map((each) => (
              <GraphNode
                key={each.id}
                node={each}
                place={corner(layout, each.id, geometry)}
                width={geometry.nodeWidth}
                selected={each.id === selected}
                reachable={each.id === current}
                note={props.note(each)}
                onPick={() => onPick(each.id)}
              />
            ))}
        </ul>
      </div>
    </div>
  );
}

type Seen = (placed: { readonly layer: number; readonly row: number }) => boolean;

function visible(
  layout: Layout,
  geometry: Geometry,
  scroll: { readonly x: number; readonly y: number },
  width: number,
  height: number,
): Seen {
  if (layout.nodes.size < 300) return () => true;
  const left = scroll.x / geometry.columnStep - overscan;
  const right = (scroll.x + width) / geometry.columnStep + overscan;
  const top = scroll.y / geometry.rowStep - overscan;
  const bottom = (scroll.y + height) / geometry.rowStep + overscan;
  return ({ layer, row }) => layer >= left && layer <= right && row >= top && row <= bottom;
}

function corner(
  layout: Layout,
  id: string,
  geometry: Geometry,
): { readonly x: number; readonly y: number } {
  const { layer, row } = layout.nodes.get(id)!;
  return { x: layer * geometry.columnStep, y: row * geometry.rowStep };
}

/** Left and right follow an edge, up and down stay in the column. */
function neighbour(layout: Layout, from: string, key: string): string | undefined {
  const place = layout.nodes.get(from)!;
  const ends =
    key === 'ArrowRight'
      ? layout.edges.filter(([start]) => start === from).map(([, end]) => end)
      : key === 'ArrowLeft'
        ? layout.edges.filter(([, end]) => end === from).map(([start]) => start)
        : [...layout.nodes.values()]
            .filter(
              ({ layer, row }) =>
                layer === place.layer &&
                (key === 'ArrowUp' ? row < place.row : key === 'ArrowDown' && row > place.row),
            )
            .map(({ id }) => id);
  const distance = (id: string): number => Math.abs(layout.nodes.get(id)!.row - place.row);
  return ends.toSorted((one, two) => distance(one) - distance(two))[0];
}

function Edges(props: {
  readonly layout: Layout;
  readonly geometry: Geometry;
  readonly nodes: readonly FoldedNode[];
  readonly seen: Seen;
  readonly size: { readonly width: number; readonly height: number };
}) {
  const { layout, geometry, seen } = props;
  const signs = new Map(props.nodes.map((each) => [each.id, each.stated.sign] as const));
  const edges = layout.edges.filter(
    ([start, end]) => seen(layout.nodes.get(start)!) || seen(layout.nodes.get(end)!),
  );
  return (
    <svg
      className="graph-edges"
      width={props.size.width}
      height={props.size.height}
      aria-hidden="true"
    >
      {edges.map(([start, end]) => {
        const from = corner(layout, start, geometry);
        const to = corner(layout, end, geometry);
        const left = from.x + geometry.nodeWidth;
        const [y1, y2] = [from.y + node.height / 2, to.y + node.height / 2];
        const bend = (to.x - left) / 2;
        const waits = signs.get(end) === 'idle' || signs.get(end) === 'skipped';
        return (
          <path
            key={`${start} ${end}`}
            className={waits ? 'waits' : undefined}
            d={`M${left},${y1}C${left + bend},${y1} ${to.x - bend},${y2} ${to.x},${y2}`}
          />
        );
      })}
    </svg>
  );
}

function GraphNode(props: {
  readonly node: FoldedNode;
  readonly place: { readonly x: number; readonly y: number };
  readonly width: number;
  readonly selected: boolean;
  readonly reachable: boolean;
  readonly note: string;
  readonly onPick: () => void;
}) {
  const { t } = useConsole();
  const { stated, title, id } = props.node;
  return (
    <li>
      <button
        type="button"
        data-node={id}
        className={`graph-node node-${hues[stated.sign]} sign-${stated.sign}`}
        style={{ left: props.place.x, top: props.place.y, width: props.width, height: node.height }}
        tabIndex={props.reachable ? 0 : -1}
        aria-pressed={props.selected}
        title={title}
        onClick={props.onPick}
      >
        <span className="graph-name">
          <StateIcon sign={stated.sign} size={13} />
          <span className="name">{title}</span>
        </span>
        <span className="hidden-visually">{t(stated.word)}</span>
        <bdi className="small second cut">{props.note}</bdi>
      </button>
    </li>
  );
}
