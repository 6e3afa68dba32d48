import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type RefObject,
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

function sizeOf({ layers, rows }: Layout, { columnStep, rowStep, nodeWidth }: Geometry) {
  return { width: (layers - 1) * columnStep + nodeWidth, height: rows * rowStep - gap.row };
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
  const size = sizeOf(layout, geometry);
  const window = { x: scroll.x, y: scroll.y, width, height: props.maxHeight ?? 480 };
  const seen = visible(layout, geometry, window, scale);
  const current = selected !== undefined && layout.nodes.has(selected) ? selected : nodes[0]?.id;
  const list = useRef<HTMLUListElement>(null);
  const placed = current === undefined ? undefined : layout.nodes.get(current);
  useInSight(ref, props.zoomable ? placed : undefined, geometry, scale);
  const walk = (event: KeyboardEvent): void => {
    const zoomed = props.zoomable ? zoomBy(event.key, zoom) : undefined;
    const from = (event.target as HTMLElement).dataset.node;
    const next = from === undefined ? undefined : neighbour(layout, from, event.key);
    if (zoomed === undefined && next === undefined) return;
    event.preventDefault();
    if (zoomed !== undefined) setZoom(zoomed);
    else {
      onPick(next!);
      focusNode(list, next!);
    }
  };
  const sheet = (
    <>
      <Edges layout={layout} geometry={geometry} nodes={nodes} seen={seen} size={size} />
      <ul ref={list} aria-label={props.label} onKeyDown={walk}>
        {nodes.map((each) => {
          const placed = layout.nodes.get(each.id)!;
          if (!seen(placed)) return null;
          return (
            <GraphNode
              key={each.id}
              node={each}
              place={corner(layout, each.id, geometry)}
              width={geometry.nodeWidth}
              marks={{ selected: each.id === selected, reachable: each.id === current }}
              note={props.note(each)}
              onPick={() => onPick(each.id)}
            />
          );
        })}
      </ul>
    </>
  );
  return (
    <Sheet {...props} box={ref} zoom={scale} onZoom={setZoom} size={size} onScroll={setScroll}>
      {sheet}
    </Sheet>
  );
}

/** In the next frame, when the node is drawn. */
function focusNode(list: RefObject<HTMLElement | null>, id: string): void {
  requestAnimationFrame(() =>
    list.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"]`)?.focus(),
  );
}

/** The window on the sheet, with buttons where it can be zoomed. */
function Sheet(props: {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly zoomable?: boolean;
  readonly zoom: number;
  readonly onZoom: (zoom: number) => void;
  readonly size: { readonly width: number; readonly height: number };
  readonly maxHeight?: number;
  readonly onScroll: (scroll: { readonly x: number; readonly y: number }) => void;
  readonly children: ReactNode;
}) {
  const { zoom, size } = props;
  const drag = useDrag();
  const scaled = zoom !== 1 && { transform: `scale(${zoom})`, transformOrigin: '0 0' };
  const sheet = (
    <div className="graph-sheet" style={{ width: size.width, height: size.height, ...scaled }}>
      {props.children}
    </div>
  );
  const box = (
    <div
      ref={props.box}
      className="graph"
      dir="ltr"
      style={{ maxBlockSize: props.maxHeight }}
      onScroll={({ currentTarget }) =>
        props.onScroll({ x: currentTarget.scrollLeft, y: currentTarget.scrollTop })
      }
      {...(props.zoomable && drag)}
    >
      {/* The same element at every zoom, so that what has focus keeps it. */}
      {props.zoomable ? (
        <div style={{ width: size.width * zoom, height: size.height * zoom }}>{sheet}</div>
      ) : (
        sheet
      )}
    </div>
  );
  if (!props.zoomable) return box;
  return (
    <div className="graph-frame">
      {box}
      <ZoomButtons zoom={zoom} onZoom={props.onZoom} />
    </div>
  );
}

/** What is looked at comes into sight, whatever it was found by. */
function useInSight(
  ref: RefObject<HTMLElement | null>,
  placed: { readonly layer: number; readonly row: number } | undefined,
  { nodeWidth, columnStep, rowStep }: Geometry,
  scale: number,
): void {
  useEffect(() => {
    const box = ref.current;
    if (box === null || placed === undefined) return;
    const x = placed.layer * columnStep * scale;
    const y = placed.row * rowStep * scale;
    const out = (at: number, room: number, own: number): boolean => at < 0 || at + own > room;
    if (out(x - box.scrollLeft, box.clientWidth, nodeWidth * scale)) {
      box.scrollLeft = x - box.clientWidth / 2;
    }
    if (out(y - box.scrollTop, box.clientHeight, node.height * scale)) {
      box.scrollTop = y - box.clientHeight / 2;
    }
  }, [ref, placed, columnStep, rowStep, nodeWidth, scale]);
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
  window: Readonly<Record<'x' | 'y' | 'width' | 'height', number>>,
  scale: number,
): Seen {
  if (layout.nodes.size < 300) return () => true;
  const [columnStep, rowStep] = [geometry.columnStep * scale, geometry.rowStep * scale];
  const left = window.x / columnStep - overscan;
  const right = (window.x + window.width) / columnStep + overscan;
  const top = window.y / rowStep - overscan;
  const bottom = (window.y + window.height) / rowStep + overscan;
  return ({ layer, row }) => layer >= left && layer <= right && row >= top && row <= bottom;
}

interface Corner {
  readonly x: number;
  readonly y: number;
}

function corner(layout: Layout, id: string, geometry: Geometry): Corner {
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
      {edges.map(([start, end, via]) => {
        const from = corner(layout, start, geometry);
        const to = corner(layout, end, geometry);
        const waits = signs.get(end) === 'idle' || signs.get(end) === 'skipped';
        return (
          <path
            key={`${start} ${end}`}
            className={pale.has(start) || pale.has(end) ? 'pale' : waits ? 'waits' : undefined}
            d={route(from, to, via, geometry)}
          />
        );
      })}
    </svg>
  );
}

/** From the right of a node to the left of another, straight through the columns between. */
function route(
  from: Corner,
  to: Corner,
  via: readonly number[],
  { columnStep, rowStep, nodeWidth }: Geometry,
): string {
  const column = from.x / columnStep;
  const middle = node.height / 2;
  let [x, y] = [from.x + nodeWidth, from.y + middle];
  let path = `M${x},${y}`;
  const bendTo = (nextX: number, nextY: number): void => {
    const bend = (nextX - x) / 2;
    path += `C${x + bend},${y} ${nextX - bend},${nextY} ${nextX},${nextY}`;
    [x, y] = [nextX, nextY];
  };
  via.forEach((row, at) => {
    bendTo((column + at + 1) * columnStep, row * rowStep + middle);
    x += nodeWidth;
    path += `H${x}`;
  });
  bendTo(to.x, to.y + middle);
  return path;
}

function GraphNode(props: {
  readonly node: GraphItem;
  readonly place: { readonly x: number; readonly y: number };
  readonly width: number;
  readonly marks: { readonly selected: boolean; readonly reachable: boolean };
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
        tabIndex={props.marks.reachable ? 0 : -1}
        aria-pressed={props.marks.selected}
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
