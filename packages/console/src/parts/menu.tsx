import { Ellipsis } from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useConsole } from '../console-context.ts';

interface MenuAct {
  readonly id: string;
  readonly title: string;
  readonly act: () => void;
}

/** The three dots of a panel or a page. */
export function MoreMenu({
  label,
  acts,
}: {
  readonly label: string;
  readonly acts: readonly MenuAct[];
}) {
  return (
    <MenuTrigger>
      <Button className="icon-button" aria-label={label} data-panel-menu="">
        <Ellipsis aria-hidden size={16} strokeWidth={1.6} className="icon" />
      </Button>
      <Popover className="popover" placement="bottom end" offset={4}>
        <Menu
          className="menu"
          onAction={(key) => acts.find((entry) => entry.id === key)?.act()}
          aria-label={label}
        >
          {acts.map((entry) => (
            <MenuItem key={entry.id} id={entry.id} className="menu-item">
              {entry.title}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

/** What a panel can be copied as. */
export interface Copies {
  readonly cli?: string | undefined;
  readonly sql?: string | undefined;
  readonly code?: string | undefined;
  readonly csv?: (() => string) | undefined;
}

/** The acts that copy a panel as a link, a command, code, SQL or CSV. */
export function useCopyActs(copies: Copies): readonly MenuAct[] {
  const { t } = useConsole();
  const write = (text: string): void => void navigator.clipboard?.writeText(text);
  const texts: readonly (readonly [string, string, (() => string) | undefined])[] = [
    ['link', t('copy.asLink'), () => window.location.href],
    ['cli', t('copy.asCli'), copies.cli === undefined ? undefined : () => copies.cli!],
    ['code', t('copy.asCode'), copies.code === undefined ? undefined : () => copies.code!],
    ['sql', t('copy.asSql'), copies.sql === undefined ? undefined : () => copies.sql!],
    ['csv', t('copy.asCsv'), copies.csv],
  ];
  return texts.flatMap(([id, title, text]) =>
    text ? [{ id, title, act: () => write(text()) }] : [],
  );
}
