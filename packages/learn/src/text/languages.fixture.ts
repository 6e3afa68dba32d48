/** Sentences written for these tests; the last two of each language are for checking. */
const sentences: Readonly<Record<string, readonly string[]>> = {
  en: [
    'The library closes at six in the evening, but you can return books at any time.',
    'Which of these films would you like to watch with your children this weekend?',
    'She had been waiting for the train when it started to rain heavily.',
    'There is nothing wrong with the engine that a good mechanic could not repair.',
    'They should have told us about the changes before the meeting began.',
    'We are looking for someone who knows how to grow vegetables on a roof.',
    'My brother thinks that the weather will be better tomorrow morning.',
    'Where did you put the keys that were lying on the kitchen table?',
  ],
  de: [
    'Die Bibliothek schließt um sechs Uhr abends, aber Bücher kann man jederzeit zurückgeben.',
    'Welchen dieser Filme möchtest du am Wochenende mit deinen Kindern ansehen?',
    'Sie wartete schon lange auf den Zug, als es heftig zu regnen begann.',
    'An dem Motor ist nichts kaputt, was eine gute Werkstatt nicht reparieren könnte.',
    'Man hätte uns vor der Sitzung über die Änderungen informieren sollen.',
    'Wir suchen jemanden, der weiß, wie man auf einem Dach Gemüse anbaut.',
    'Mein Bruder glaubt, dass das Wetter morgen früh besser wird.',
    'Wohin hast du die Schlüssel gelegt, die auf dem Küchentisch lagen?',
  ],
  fr: [
    'La bibliothèque ferme à six heures du soir, mais on peut rendre les livres à tout moment.',
    'Lequel de ces films voudrais-tu regarder avec tes enfants ce dimanche ?',
    "Elle attendait le train depuis longtemps quand il s'est mis à pleuvoir.",
    "Ce moteur n'a rien qu'un bon mécanicien ne puisse réparer.",
    'On aurait dû nous parler de ces changements avant le début de la réunion.',
    "Nous cherchons quelqu'un qui sache cultiver des légumes sur un toit.",
    'Mon frère pense que le temps sera meilleur demain matin.',
    'Où as-tu mis les clés qui étaient sur la table de la cuisine ?',
  ],
  es: [
    'La biblioteca cierra a las seis de la tarde, pero los libros se pueden devolver a cualquier hora.',
    '¿Cuál de estas películas te gustaría ver con tus hijos el domingo?',
    'Llevaba mucho tiempo esperando el tren cuando empezó a llover con fuerza.',
    'Ese motor no tiene nada que un buen mecánico no pueda arreglar.',
    'Deberían habernos hablado de los cambios antes de que empezara la reunión.',
    'Buscamos a alguien que sepa cultivar verduras en una azotea.',
    'Mi hermano cree que el tiempo será mejor mañana por la mañana.',
    '¿Dónde has puesto las llaves que estaban sobre la mesa de la cocina?',
  ],
  tr: [
    'Kütüphane akşam altıda kapanıyor ama kitapları istediğiniz zaman geri verebilirsiniz.',
    'Bu filmlerden hangisini hafta sonu çocuklarınla birlikte izlemek istersin?',
    'Şiddetli bir yağmur başladığında uzun süredir treni bekliyordu.',
    'Bu motorda iyi bir ustanın düzeltemeyeceği hiçbir şey yok.',
    'Toplantı başlamadan önce değişiklikleri bize anlatmaları gerekirdi.',
    'Çatıda sebze yetiştirmeyi bilen birini arıyoruz.',
    'Kardeşim yarın sabah havanın daha güzel olacağını düşünüyor.',
    'Mutfak masasının üzerinde duran anahtarları nereye koydun?',
  ],
  ru: [
    'Библиотека закрывается в шесть часов вечера, но книги можно вернуть в любое время.',
    'Какой из этих фильмов ты хотел бы посмотреть с детьми в выходные?',
    'Она уже давно ждала поезда, когда начался сильный дождь.',
    'В этом моторе нет ничего такого, чего не починил бы хороший мастер.',
    'О переменах нам следовало рассказать до начала собрания.',
    'Мы ищем того, кто умеет выращивать овощи на крыше.',
    'Мой брат думает, что завтра утром погода будет лучше.',
    'Куда ты положил ключи, которые лежали на кухонном столе?',
  ],
  uk: [
    'Бібліотека зачиняється о шостій годині вечора, але книжки можна повернути будь-коли.',
    'Який із цих фільмів ти хотів би подивитися з дітьми на вихідних?',
    'Вона вже довго чекала на потяг, коли почалася сильна злива.',
    'У цьому двигуні немає нічого такого, чого не полагодив би добрий майстер.',
    'Про зміни нам мали розповісти ще до початку зборів.',
    'Ми шукаємо когось, хто вміє вирощувати городину на даху.',
    'Мій брат гадає, що завтра вранці погода буде краща.',
    'Куди ти поклав ключі, що лежали на кухонному столі?',
  ],
  el: [
    'Η βιβλιοθήκη κλείνει στις έξι το απόγευμα, αλλά τα βιβλία επιστρέφονται οποτεδήποτε.',
    'Ποια από αυτές τις ταινίες θα ήθελες να δεις με τα παιδιά σου;',
    'Περίμενε ώρα το τρένο όταν άρχισε να βρέχει δυνατά.',
    'Ο αδελφός μου πιστεύει ότι ο καιρός θα είναι καλύτερος αύριο το πρωί.',
    'Πού έβαλες τα κλειδιά που ήταν πάνω στο τραπέζι της κουζίνας;',
  ],
  ar: [
    'تغلق المكتبة أبوابها في السادسة مساء ولكن يمكن إعادة الكتب في أي وقت.',
    'أي هذه الأفلام تود أن تشاهده مع أطفالك في نهاية الأسبوع؟',
    'كانت تنتظر القطار منذ وقت طويل عندما بدأ المطر ينزل بغزارة.',
    'يظن أخي أن الطقس سيكون أفضل صباح الغد.',
    'أين وضعت المفاتيح التي كانت على طاولة المطبخ؟',
  ],
  he: [
    'הספרייה נסגרת בשש בערב, אבל אפשר להחזיר ספרים בכל שעה.',
    'איזה מהסרטים האלה היית רוצה לראות עם הילדים בסוף השבוע?',
    'היא חיכתה זמן רב לרכבת כשהתחיל לרדת גשם חזק.',
    'אחי חושב שמזג האוויר יהיה טוב יותר מחר בבוקר.',
    'איפה שמת את המפתחות שהיו על שולחן המטבח?',
  ],
  ja: [
    '図書館は夕方六時に閉まりますが、本はいつでも返すことができます。',
    '週末に子どもたちと一緒に見たい映画はこの中のどれですか。',
    '激しい雨が降り始めたとき、彼女は長いあいだ電車を待っていました。',
    '兄は明日の朝には天気がよくなると思っています。',
    '台所の机の上にあった鍵をどこに置きましたか。',
  ],
  zh: [
    '图书馆晚上六点关门,但是随时都可以还书。',
    '这几部电影里,你周末想和孩子们一起看哪一部?',
    '开始下大雨的时候,她已经等了很久的火车。',
    '我哥哥觉得明天早上天气会好一些。',
    '你把厨房桌子上的钥匙放到哪里去了?',
  ],
  th: [
    'ห้องสมุดปิดตอนหกโมงเย็น แต่คืนหนังสือได้ตลอดเวลา',
    'คุณอยากดูหนังเรื่องไหนกับลูกในวันหยุดนี้',
    'เธอรอรถไฟอยู่นานแล้วตอนที่ฝนเริ่มตกหนัก',
    'พี่ชายของฉันคิดว่าพรุ่งนี้เช้าอากาศจะดีขึ้น',
    'คุณวางกุญแจที่อยู่บนโต๊ะในครัวไว้ที่ไหน',
  ],
  hi: [
    'पुस्तकालय शाम छह बजे बंद होता है, लेकिन किताबें कभी भी लौटाई जा सकती हैं।',
    'इनमें से कौन सी फ़िल्म तुम बच्चों के साथ देखना चाहोगे?',
    'जब तेज़ बारिश शुरू हुई तब वह बहुत देर से रेलगाड़ी का इंतज़ार कर रही थी।',
    'मेरे भाई को लगता है कि कल सुबह मौसम बेहतर होगा।',
    'तुमने रसोई की मेज़ पर रखी चाबियाँ कहाँ रख दीं?',
  ],
};

export interface LanguageTexts {
  readonly texts: readonly string[];
  readonly target: Float64Array;
}

/** The languages of the sentences, by their codes. */
export const languages: readonly string[] = Object.keys(sentences);

/** Sentences to learn from, and two of each language to check by. */
export const languageTexts: { readonly train: LanguageTexts; readonly check: LanguageTexts } = {
  train: pick((own) => own.slice(0, -2)),
  check: pick((own) => own.slice(-2)),
};

function pick(part: (own: readonly string[]) => readonly string[]): LanguageTexts {
  const parts = languages.map((language) => part(sentences[language]!));
  return {
    texts: parts.flat(),
    target: Float64Array.from(parts.flatMap((own, at) => own.map(() => at))),
  };
}
