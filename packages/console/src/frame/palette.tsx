import { CornerDownLeft, Play, Search, Terminal } from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useMemo,
  useRef,
  useState,
} from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { useConsole } from '../console-context.ts';
import { places } from '../places.ts';
import { navigate } from '../router.tsx';
import { type Entry, search, usePaletteEntries } from './palette-entries.ts';

/** Finds and does everything: jumps, acts after `>`, ids after `#`, and commands to copy. */
export function Palette({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}) {
  const { t } = useConsole();
  return (
    <ModalOverlay
      className="scrim"
      isOpen={open}
      isDismissable
      onOpenChange={(next) => !next && onClose()}
    >
      <Modal className="palette">
        <Dialog aria-label={t('palette.find')} className="palette-dialog">
          <PaletteBody onClose={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

const groups = ['jump', 'do', 'copy'] as const;

function PaletteBody({ onClose }: { readonly onClose: () => void }) {
  const { t, principal } = useConsole();
  const entries = usePaletteEntries();
  const [text, setText] = useState('');
  const [scoped, setScoped] = useState(true);
  const [at, setAt] = useState(0);
  const found = useMemo(() => search(entries, text), [entries, text]);
  const list = useRef<HTMLDivElement>(null);
  const choose = (entry: Entry | undefined, apart: boolean): void => {
    if (!entry) return;
    onClose();
    if (entry.href !== undefined && apart) window.open(entry.href, '_blank', 'noopener');
    else if (entry.href !== undefined) navigate(entry.href);
    else entry.act?.();
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = (at + step + found.length) % Math.max(found.length, 1);
      setAt(next);
      list.current?.querySelector(`#palette-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') choose(found[at], event.metaKey || event.ctrlKey);
    else if (event.key === 'Backspace' && text === '') setScoped(false);
  };
  return (
    <>
      <div className="palette-search">
        <Search aria-hidden size={16} strokeWidth={1.6} className="icon" />
        <input
          // The palette is opened to type in it.
          // biome-ignore lint/a11y/noAutofocus: see above
          autoFocus
          role="combobox"
          aria-label={t('palette.find')}
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found.length > 0 ? `palette-${at}` : undefined}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
        {scoped && (
          <span className="tag">{t('palette.scope', { project: principal.project })}</span>
        )}
        <kbd>esc</kbd>
      </div>
      <Results found={found} text={text} at={at} list={list} onChoose={choose} />
      <PaletteFoot />
    </>
  );
}

function Results(props: {
  readonly found: readonly Entry[];
  readonly text: string;
  readonly at: number;
  readonly list: RefObject<HTMLDivElement | null>;
  readonly onChoose: (entry: Entry, apart: boolean) => void;
}) {
  const { t } = useConsole();
  const { found, text, at, list } = props;
  return (
    <div
      className="palette-list"
      id="palette-list"
      role="listbox"
      ref={list}
      aria-label={t('palette.results')}
    >
      {groups.map((group) => (
        <Group
          key={group}
          title={t(`palette.group.${group}`)}
          show={found.some((entry) => entry.group === group)}
        >
          {found.map((entry, index) =>
            entry.group === group ? (
              <Option
                key={entry.id}
                entry={entry}
                text={text}
                index={index}
                current={index === at}
                onChoose={(apart) => props.onChoose(entry, apart)}
              />
            ) : null,
          )}
        </Group>
      ))}
      {found.length === 0 && <p className="palette-none second">{t('palette.none')}</p>}
    </div>
  );
}

function Group(props: {
  readonly title: string;
  readonly show: boolean;
  readonly children: ReactNode;
}) {
  if (!props.show) return null;
  return (
    // The list's options stand in named groups, as listboxes have them.
    // biome-ignore lint/a11y/useSemanticElements: see above
    <div role="group" aria-label={props.title}>
      <p className="palette-group small" aria-hidden>
        {props.title}
      </p>
      {props.children}
    </div>
  );
}

function Option(props: {
  readonly entry: Entry;
  readonly text: string;
  readonly index: number;
  readonly current: boolean;
  readonly onChoose: (apart: boolean) => void;
}) {
  const { entry, index, current } = props;
  const Icon =
    entry.group === 'copy'
      ? Terminal
      : (places.find((place) => place.kind === entry.kind)?.icon ?? Play);
  return (
    // The input keeps the focus; options are reached by its arrow keys.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={`palette-${index}`}
      role="option"
      aria-selected={current}
      className="palette-option"
      onClick={(event) => props.onChoose(event.metaKey || event.ctrlKey)}
    >
      <Icon aria-hidden size={16} strokeWidth={1.6} className="icon" />
      <span className={entry.group === 'copy' ? 'mono' : 'name'}>
        <Matched title={entry.title} text={props.text} />
      </span>
      <span className="small second cut">{entry.note}</span>
      {current && <CornerDownLeft aria-hidden size={13} className="icon third directional" />}
    </div>
  );
}

/** Underlines what was typed. */
function Matched({ title, text }: { readonly title: string; readonly text: string }) {
  const wanted = text.replace(/^[>#@]\s*/, '').trim();
  const at = wanted === '' ? -1 : title.toLowerCase().indexOf(wanted.toLowerCase());
  if (at < 0) return <bdi>{title}</bdi>;
  return (
    <bdi>
      {title.slice(0, at)}
      <u>{title.slice(at, at + wanted.length)}</u>
      {title.slice(at + wanted.length)}
    </bdi>
  );
}

function PaletteFoot() {
  const { t } = useConsole();
  return (
    <div className="palette-foot small second" aria-hidden>
      <span>
        <kbd>↑</kbd> <kbd>↓</kbd> {t('palette.move')}
      </span>
      <span>
        <kbd>↵</kbd> {t('palette.open')}
      </span>
      <span className="grow" />
      <span>
        <kbd>&gt;</kbd> {t('palette.acts')}
      </span>
      <span>
        <kbd>#</kbd> {t('palette.ids')}
      </span>
    </div>
  );
}
