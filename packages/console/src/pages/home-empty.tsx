import { Boxes, ListTree, PackageCheck, RadioTower, Table2, UserRoundCheck } from 'lucide-react';
import { Fragment } from 'react';
import { useConsole } from '../console-context.ts';
import { Button } from '../parts/button.tsx';
import { Command } from '../parts/copy.tsx';

const ways = [
  { id: 'store', command: 'backlot start' },
  { id: 'file', command: 'backlot deliver plays plays.parquet' },
  { id: 'folder', command: 'backlot init shop' },
] as const;

const path = [
  { icon: PackageCheck, title: 'rail.deliveries' },
  { icon: Table2, title: 'rail.tables' },
  { icon: ListTree, title: 'rail.runs' },
  { icon: Boxes, title: 'rail.models' },
  { icon: UserRoundCheck, title: 'home.approval' },
  { icon: RadioTower, title: 'rail.endpoints' },
] as const;

/** How do I begin? Three ways, quickest first, each with its command. */
export function HomeEmpty() {
  const { t } = useConsole();
  return (
    <div className="beginning">
      <h1>{t('empty.title')}</h1>
      <p className="sentence second">{t('empty.sentence')}</p>
      <ul className="ways panel">
        {ways.map((way, index) => (
          <li key={way.id}>
            <div>
              <h2>{t(`empty.${way.id}.title`)}</h2>
              <p className="small second">{t(`empty.${way.id}.text`)}</p>
              <Command>{way.command}</Command>
            </div>
            <Button
              primary={index === 0}
              onPress={() => void navigator.clipboard?.writeText(way.command)}
            >
              {t('copy.command')}
            </Button>
          </li>
        ))}
      </ul>
      <p className="small third">{t('empty.fills')}</p>
      <p className="fills small second">
        {path.map(({ icon: Icon, title }, index) => (
          <Fragment key={title}>
            {index > 0 && <span className="dashes" aria-hidden />}
            <Icon aria-hidden size={14} strokeWidth={1.6} className="icon" />
            {t(title)}
          </Fragment>
        ))}
      </p>
    </div>
  );
}
