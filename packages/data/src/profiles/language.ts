/** Languages by script alone, where one language nearly always stands behind the script. */
const scripts: readonly (readonly [RegExp, string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Han}/u, 'zh'],
  [/[іїєґ]/iu, 'uk'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/[پچژگ]/u, 'fa'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Hebrew}/u, 'he'],
  [/\p{Script=Greek}/u, 'el'],
  [/\p{Script=Thai}/u, 'th'],
  [/\p{Script=Devanagari}/u, 'hi'],
];

/** Words that sentences of a language in Latin script hardly do without. */
const words: Readonly<Record<string, string>> = {
  en: `
    the of and to in is that it was for with as his her on be at by this had not are but
    from they which you have an who their all one when what will there i my we`,
  fr: `
    le la les de des du et un une que qui dans est pour pas sur au aux avec il elle ce
    cette se ne plus par son sa ses nous vous je mais ou où être sont`,
  de: `
    der die das und ist in den von zu mit sich des auf für nicht ein eine einer einem
    einen dem auch es an als er sie war wird im am aus bei nach wie ich wir aber`,
  es: `
    el la los las de del y que en un una es por con para no se su sus al lo como más
    pero le ha este esta son cuando muy sin sobre también me hasta hay donde`,
  pt: `
    o a os as de do da dos das e que em um uma é por com para não se sua seu na no nas
    nos ao mais como mas foi ele ela são pelo pela isso este também já muito`,
  it: `
    il lo la i gli le di del della dei delle e che in un una è per con non si suo sua al
    alla da dal ma come più sono questo questa nel nella anche ha ho ci`,
  nl: `
    de het een en van in is dat op te zijn voor met niet aan er om als ook maar bij uit
    door over naar wordt was hij ze je ik deze dit nog wel geen`,
  pl: `
    i w na z że nie się do jest to o jak po co tak za od ale przez czy już dla tylko był
    była jego jej który która są ich przed gdy`,
  sv: `
    och i att det som en på är av för med den till inte om ett han hon de var jag men
    från har så kan när ut sig vi efter eller under`,
  tr: `
    ve bir bu da de için ile çok olarak daha gibi ama kadar sonra ne o ben var mı mi
    değil her onun en olan`,
};

/** Letters that tell languages apart where words do not. */
const letters: Readonly<Record<string, RegExp>> = {
  fr: /[œêèçùûîë]/gu,
  de: /[ßäöü]/gu,
  es: /[ñ¿¡íóú]/gu,
  pt: /[ãõâçê]/gu,
  it: /[ìòùà]/gu,
  pl: /[łąęśżźćń]/gu,
  sv: /[åäö]/gu,
  tr: /[ğışç]/gu,
};

const vocabularies = new Map<string, readonly string[]>();
for (const [language, list] of Object.entries(words)) {
  for (const word of list.trim().split(/\s+/)) {
    vocabularies.set(word, [...(vocabularies.get(word) ?? []), language]);
  }
}

/**
 * The language of a text as an ISO 639-1 code, by its script, and in Latin script by its function
 * words and letters; `und` where neither tells, as in most names and short titles.
 *
 * @example
 * languageOf('Der Hund liegt auf der Straße'); // 'de'
 */
export function languageOf(text: string): string {
  for (const [script, language] of scripts) if (script.test(text)) return language;
  const lower = text.toLowerCase();
  const scores = new Map<string, number>();
  const add = (language: string, score: number): void => {
    scores.set(language, (scores.get(language) ?? 0) + score);
  };
  for (const word of lower.match(/\p{L}+/gu) ?? []) {
    const languages = vocabularies.get(word) ?? [];
    // A word that many languages share says less.
    for (const language of languages) add(language, 1 / languages.length);
  }
  for (const [language, pattern] of Object.entries(letters)) {
    const found = lower.match(pattern)?.length ?? 0;
    if (found > 0) add(language, Math.min(found, 4) * 0.3);
  }
  const [best, second] = [...scores].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (!best || best[1] < 1 || (second && second[1] === best[1])) return 'und';
  return best[0];
}

export interface LanguageShare {
  /** An ISO 639-1 code; `und` where it cannot be told. */
  readonly language: string;
  /** Of the texts looked at, between 0 and 1. */
  readonly share: number;
}

/** How many texts are of each language, the most frequent first. */
export function languageMix(texts: readonly string[]): readonly LanguageShare[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const language = languageOf(text);
    counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([language, count]) => ({ language, share: count / texts.length }));
}
