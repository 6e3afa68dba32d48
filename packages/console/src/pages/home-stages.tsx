import {
  AppWindow,
  BookOpen,
  ChevronRight,
  Film,
  type LucideIcon,
  Music,
  Podcast,
  Tv,
} from 'lucide-react';
import { useState } from 'react';
import { apiCommand } from '../api-command.ts';
import type { ProjectCard } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Panel } from '../parts/panel.tsx';
import { StateIcon } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { hues, type Sign } from '../state.ts';

const stages = ['proposal', 'design', 'building', 'review', 'trial', 'launched'] as const;
const shownAtFirst = 3;

const kindIcons: Readonly<Record<string, LucideIcon>> = {
  film: Film,
  series: Tv,
  episode: Podcast,
  podcast: Podcast,
  song: Music,
  book: BookOpen,
  app: AppWindow,
};

/** A project's state may be any sign of the state language; anything else waits. */
function signOf(state: string): Sign {
  return state in hues ? (state as Sign) : 'idle';
}

/** For leads: which projects are where, from proposal to launch. */
export function HomeStages({ projects }: { readonly projects: readonly ProjectCard[] }) {
  const { t } = useConsole();
  return (
    <Panel
      title={t('home.stages')}
      aside={<span className="small second">{t('home.projects', { count: projects.length })}</span>}
      className="home-stages"
      copies={{ cli: apiCommand('/home') }}
      twin={
        <Table
          label={t('home.stages')}
          rows={projects}
          rowKey={(project) => project.name}
          columns={[
            { id: 'title', title: t('home.project'), cell: (project) => project.title },
            { id: 'stage', title: t('home.stage'), cell: (project) => t(`stage.${project.stage}`) },
            { id: 'note', title: t('home.note'), cell: (project) => project.note },
          ]}
        />
      }
    >
      <div className="stages">
        {stages.map((stage, index) => (
          <StageColumn
            key={stage}
            stage={stage}
            last={index === stages.length - 1}
            projects={projects.filter((project) => project.stage === stage)}
          />
        ))}
      </div>
    </Panel>
  );
}

function StageColumn(props: {
  readonly stage: (typeof stages)[number];
  readonly last: boolean;
  readonly projects: readonly ProjectCard[];
}) {
  const { t, f } = useConsole();
  const [open, setOpen] = useState(false);
  const { projects } = props;
  const shown = open ? projects : projects.slice(0, shownAtFirst);
  const hidden = projects.length - shown.length;
  return (
    <section className="stage">
      <h3>
        <span>{t(`stage.${props.stage}`)}</span>
        <span className="third">{f.number(projects.length)}</span>
        {!props.last && <ChevronRight aria-hidden size={14} className="icon third directional" />}
      </h3>
      <ul>
        {shown.map((project) => (
          <Project key={project.name} project={project} />
        ))}
      </ul>
      {hidden > 0 && (
        <button type="button" className="more small second" onClick={() => setOpen(true)}>
          {t('home.more', { count: hidden })}
        </button>
      )}
    </section>
  );
}

function Project({ project }: { readonly project: ProjectCard }) {
  const Icon = kindIcons[project.mediaKind ?? ''] ?? AppWindow;
  return (
    <li className="project">
      <span className="project-name">
        <Icon aria-hidden size={14} strokeWidth={1.6} className="icon" />
        <bdi className="name">{project.title}</bdi>
      </span>
      <span className="project-note small second">
        <StateIcon sign={signOf(project.state)} size={14} />
        <bdi>{project.note}</bdi>
      </span>
    </li>
  );
}
