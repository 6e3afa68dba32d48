import { Maximize, Minus, Plus } from 'lucide-react';
import { useConsole } from '../console-context.ts';
import { IconButton } from '../parts/button.tsx';

const steps = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2] as const;

/** The zoom that a key asks for: `+` and `-` go a step, `0` goes back to the true size. */
export function zoomBy(key: string, zoom: number): number | undefined {
  if (key === '0') return 1;
  if (key === '+' || key === '=') return steps.find((step) => step > zoom) ?? zoom;
  return key === '-' ? (steps.findLast((step) => step < zoom) ?? zoom) : undefined;
}

export function ZoomButtons(props: {
  readonly zoom: number;
  readonly onZoom: (zoom: number) => void;
}) {
  const { t, f } = useConsole();
  const press = (key: string) => () => props.onZoom(zoomBy(key, props.zoom) ?? props.zoom);
  return (
    <div className="graph-zoom">
      <IconButton icon={Minus} label={t('graph.zoomOut')} onPress={press('-')} />
      <span className="small second">{f.share(props.zoom)}</span>
      <IconButton icon={Plus} label={t('graph.zoomIn')} onPress={press('+')} />
      <IconButton icon={Maximize} label={t('graph.zoomReset')} onPress={press('0')} />
    </div>
  );
}
