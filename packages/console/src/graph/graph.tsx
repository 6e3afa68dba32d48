import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useWidth } from '../charts/use-width.ts';
import { useConsole } from '../console-context.ts';
import { StateIcon } from '../parts/state-mark.tsx';
import { hues, type Stated } from '../state.ts';
import { type Layout, type LayoutNode, layOut } from './layout.ts';
import { ZoomButtons, zoomBy } from './zoom.tsx';

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
function geometryFor(layers: number, width: number, zoom: number | undefined): Geometry {
  const room = zoom === undefined ? Math.max(0, width - 2 * padding) : Number.POSITIVE_INFINITY;
  const step = Math.min(node.most + gap.most, Math.max(node.least + gap.least, room / layers));
  const between = Math.max(gap.least, Math.min(gap.most, step * 0.12));
  return { nodeWidth: step - between, columnStep: step, rowStep: node.height + gap.row };
}

/** What is drawn of a node. */
export interface GraphItem extends LayoutNode {
  readonly title: string;
  readonly stated: Stated;
  /** Not part of what is looked at now. */
  readonly pale?: boolean;
  /** Stands in place of the icon of its state. */
  readonly icon?: ReactNode;
}

interface GraphProps<Node extends GraphItem> {
  readonly label: string;
  readonly nodes: readonly Node[];
  readonly selected?: string | undefined;
  readonly onPick: (id: string) => void;
  /** The second line of a node. */
  readonly note: (node: Node) => string;
  readonly maxHeight?: number;
  /** Nodes keep their size; the sheet is zoomed and dragged instead. */
  readonly zoomable?: boolean;
}

/** A graph from left to right. Arrows follow its edges; only what is in sight is drawn. */
export function Graph<Node extends GraphItem>(props: GraphProps<Node>) {
  const { nodes, selected, onPick } = props;
  const [zoom, setZoom] = useState(1);
  const scale = props.zoomable ? zoom : 1;
  const [ref, width] = useWidth<HTMLDivElement>();
  const [scroll, setScroll] = useState({ x: 0, y: 0 });
  const shape = nodes.map((each) => `${each.id}<${each.upstream.join(',')}`).join(';');
  // Live states repaint in place: only a change of shape lays out again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape stands for the nodes
  const layout = useMemo(() => layOut(nodes), [shape]);
  const geometry = geometryFor(layout.layers, width, props.zoomable ? zoom : undefined);
  const size = {
    width: layout.layers * geometry.columnStep - (geometry.columnStep - geometry.nodeWidth),
    height: layout.rows * geometry.rowStep - gap.row,
  };
  const seen = visible(
    layout,
    geometry,
    { x: scroll.x / scale, y: scroll.y / scale },
    width / scale,
    (props.maxHeight ?? 480) / scale,
  );
  const current = selected !== undefined && layout.nodes.has(selected) ? selected : nodes[0]?.id;
  const list = useRef<HTMLUListElement>(null);
  const drag = useDrag();
  const placed = current === undefined ? undefined : layout.nodes.get(current);
  useEffect(() => {
    const box = ref.current;
    if (!props.zoomable || box === null || placed === undefined) return;
    // What is looked at comes into sight, whatever it was found by.
    const x = placed.layer * geometry.columnStep * scale;
    const y = placed.row * geometry.rowStep * scale;
    const apart = { x: x - box.scrollLeft, y: y - box.scrollTop };
    const out = (at: number, room: number, own: number): boolean => at < 0 || at + own > room;
    if (out(apart.x, box.clientWidth, geometry.nodeWidth * scale)) {
      box.scrollLeft = x - box.clientWidth / 2;
    }
    if (out(apart.y, box.clientHeight, node.height * scale)) {
      box.scrollTop = y - box.clientHeight / 2;
    }
  }, [
    ref,
    props.zoomable,
    placed,
    geometry.columnStep,
    geometry.rowStep,
    geometry.nodeWidth,
    scale,
  ]);
  const walk = (event: KeyboardEvent): void => {
    if (props.zoomable && zoomBy(event.key, zoom) !== undefined) {
      event.preventDefault();
      setZoom(zoomBy(event.key, zoom)!);
      return;
    }
    const from = (event.target as HTMLElement).dataset.node;
    const next = from === undefined ? undefined : neighbour(layout, from, event.key);
    if (next === undefined) return;
    event.preventDefault();
    onPick(next);
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus(),
    );
  };
  const sheet = (
    <div
      className="graph-sheet"
      style={{
        width: size.width,
        height: size.height,
        ...(scale !== 1 && { transform: `scale(${scale})`, transformOrigin: '0 0' }),
      }}
    >
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
  );
  const box = (
    <div
      ref={ref}
      className="graph"
      dir="ltr"
      style={{ maxBlockSize: props.maxHeight }}
      onScroll={({ currentTarget: box }) => setScroll({ x: box.scrollLeft, y: box.scrollTop })}
      {...(props.zoomable && drag)}
    >
      {scale === 1 ? (
        sheet
      ) : (
        <div style={{ width: size.width * scale, height: size.height * scale }}>{sheet}</div>
      )}
    </div>
  );
  if (!props.zoomable) return box;
  return (
    <div className="graph-frame">
      {box}
      <ZoomButtons zoom={zoom} onZoom={setZoom} />
    </div>
  );
}

/** Drags the sheet by its empty parts; scroll bars and keys do the same. */
function useDrag() {
  const held = useRef<{ readonly x: number; readonly y: number } | undefined>(undefined);
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      if (event.button !== 0 || (event.target as Element).closest('button')) return;
      const { currentTarget: box } = event;
      held.current = { x: box.scrollLeft + event.clientX, y: box.scrollTop + event.clientY };
      box.setPointerCapture(event.pointerId);
    },
    onPointerMove: ({ currentTarget: box, clientX, clientY }: PointerEvent<HTMLDivElement>) => {
      if (!held.current) return;
      box.scrollLeft = held.current.x - clientX;
      box.scrollTop = held.current.y - clientY;
    },
    onPointerUp: () => {
      held.current = undefined;
    },
  };
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
  readonly nodes: readonly GraphItem[];
  readonly seen: Seen;
  readonly size: { readonly width: number; readonly height: number };
}) {
  const { layout, geometry, seen } = props;
  const signs = new Map(props.nodes.map((each) => [each.id, each.stated.sign] as const));
  const pale = new Set(props.nodes.filter((each) => each.pale).map(({ id }) => id));
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
            className={pale.has(start) || pale.has(end) ? 'pale' : waits ? 'waits' : undefined}
            d={`M${left},${y1}C${left + bend},${y1} ${to.x - bend},${y2} ${to.x},${y2}`}
          />
        );
      })}
    </svg>
  );
}

function GraphNode(props: {
  readonly node: GraphItem;
  readonly place: { readonly x: number; readonly y: number };
  readonly width: number;
  readonly selected: boolean;
  readonly reachable: boolean;
  readonly note: string;
  readonly onPick: () => void;
}) {
  const { t } = useConsole();
  const { stated, title, id, pale, icon } = props.node;
  return (
    <li>
      <button
        type="button"
        data-node={id}
        className={`graph-node node-${hues[stated.sign]} sign-${stated.sign}${pale ? ' pale' : ''}`}
        style={{ left: props.place.x, top: props.place.y, width: props.width, height: node.height }}
        tabIndex={props.reachable ? 0 : -1}
        aria-pressed={props.selected}
        title={title}
        onClick={props.onPick}
      >
        <span className="graph-name">
          {icon ?? <StateIcon sign={stated.sign} size={13} />}
          <span className="name">{title}</span>
        </span>
        <span className="hidden-visually">{t(stated.word)}</span>
        <bdi className="small second cut">{props.note}</bdi>
      </button>
    </li>
  );
}
