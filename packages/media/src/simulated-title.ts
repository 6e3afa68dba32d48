import { type SeededRandom, seededRandom } from '@backlot/core';
import type { Locale } from './locale.ts';

/** The letters that made-up words of a script are built from. */
interface Alphabet {
  readonly onsets: string;
  readonly vowels: string;
  readonly endings: string;
  /** Between words; nothing where the script does not part them. */
  readonly space: string;
}

const latin: Alphabet = {
  onsets: 'b br d dr f g gr h k l m n p pr r s st t tr v z',
  vowels: 'a e i o u ai ea ou',
  endings: '- - - n r l s m th nd',
  space: ' ',
};

const cyrillic: Alphabet = {
  onsets: 'б бр в г гр д др ж з к л м н п пр р с ст т тр х ч ш',
  vowels: 'а е и о у я ю',
  endings: '- - - н р л с м к т',
  space: ' ',
};

const arabic: Alphabet = {
  onsets: 'ب ت ج ح د ر ز س ش ص ع ف ق ك ل م ن ه',
  vowels: '- ا ي و',
  endings: '- - ة ن ر ل',
  space: ' ',
};

const alphabets: Readonly<Record<string, Alphabet>> = {
  Latn: latin,
  Cyrl: cyrillic,
  Arab: arabic,
  Grek: {
    onsets: 'β γ δ θ κ λ μ ν π πρ ρ σ στ τ φ χ',
    vowels: 'α ε η ι ο ω ου',
    endings: '- - ν ς',
    space: ' ',
  },
  Hebr: {
    onsets: 'ב ג ד ה ז ח ט כ ל מ נ ס ע פ צ ק ר ש ת',
    vowels: '- ו י א',
    endings: '- - ה ת',
    space: ' ',
  },
  Deva: {
    onsets: 'क ख ग च ज त द न प ब भ म र ल व श स ह',
    vowels: '- ा ि ी ु े ो',
    endings: '- - न र ल',
    space: ' ',
  },
  Beng: {
    onsets: 'ক খ গ চ জ ত দ ন প ব ভ ম র ল শ স হ',
    vowels: '- া ি ী ু ে ো',
    endings: '- - ন র ল',
    space: ' ',
  },
  Thai: {
    onsets: 'ก ข ค ง จ ช ด ต ท น บ ป พ ม ร ล ว ส ห',
    vowels: 'า ิ ี ุ ู ะ',
    endings: '- - น ง ม',
    space: '',
  },
  Jpan: {
    onsets: 'か き く さ し た つ な の は ま み や ら り ア カ キ サ タ ナ ハ マ ラ',
    vowels: '- ん い う',
    endings: '- - 花 月 海 山 空 夜 光 旅',
    space: '',
  },
  Kore: {
    onsets: '가 나 다 라 마 바 사 아 자 하 고 노 도 로 모 보 소 오',
    vowels: '리 미 시 지 기 수 우 주',
    endings: '- - 날 밤 꿈 별',
    space: ' ',
  },
  Hans: {
    onsets: '春 夏 秋 冬 山 水 风 云 花 月 星 海 天 雨 雪 林',
    vowels: '之 的 与 在 -',
    endings: '路 梦 歌 城 光 心 夜 人 书 门',
    space: '',
  },
  Hant: {
    onsets: '春 夏 秋 冬 山 水 風 雲 花 月 星 海 天 雨 雪 林',
    vowels: '之 的 與 在 -',
    endings: '路 夢 歌 城 光 心 夜 人 書 門',
    space: '',
  },
};

/**
 * A made-up title in the script of a locale; the same for the same seed and item. No title is meant
 * to be a word of any language.
 */
export function simulatedTitle(seed: number, item: number, locale: Locale): string {
  const random = seededRandom(seed, 16 + item);
  const alphabet = alphabets[locale.script] ?? latin;
  const words = Array.from({ length: 1 + random.below(3) }, () => word(alphabet, random));
  const title = words.join(alphabet.space);
  return title.charAt(0).toLocaleUpperCase(locale.code) + title.slice(1);
}

function word(alphabet: Alphabet, random: SeededRandom): string {
  const syllables = Array.from(
    { length: 1 + random.below(3) },
    () => pick(alphabet.onsets, random) + pick(alphabet.vowels, random),
  );
  return syllables.join('') + pick(alphabet.endings, random);
}

/** One of the parts of a list; a hyphen stands for none. */
function pick(list: string, random: SeededRandom): string {
  const parts = list.split(' ');
  const part = parts[random.below(parts.length)]!;
  return part === '-' ? '' : part;
}
