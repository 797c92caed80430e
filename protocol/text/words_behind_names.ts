/**
 * Words that stand behind a name in texts of the programs, in all their languages: a name with one of them
 * could be read as such a text. A test collects them.
 */
export const WORDS_BEHIND_NAMES: string =
  "a again already am an angerufen answers are ask at auf aus be beendet bei bisher bist " +
  "bleiben by can cannot changed chat closed compare could created darf deleted der did does " +
  "edited entfernen es failed first from gehört geschlossen goes had has hat hatte here hieß in " +
  "invited invites is ist joined kam kann keeps kennt key knows können left liest ließ lädt " +
  "lässt made may mim mit möchte nicht nimmt no nobody nothing now on open out program react " +
  "reacted reads refused removed sagt says schreibt sees sent speaks spricht started suchen " +
  "that to took und unter verglichen verlassen version wait waited wants wartet was weglassen " +
  "werden wieder wird with wurde " +
  "أزال أعاد أكثر إلى إن اسأل الاتصال الدخول الذي السابق السطر القديمة المحادثة المفتاح " +
  "المكالمة الوصول ببطء برنامج بعد بل بلا بمفتاح بمفتاحك تعديل حقًا دعا سابقًا صاحب عضواً على " +
  "عيّن غير غيّر فقط لا لاحقًا لكن لكنك لم لمفتاح لن ليس متصل متصلاً مشرفاً مشرفًا مغلقة مفتاح " +
  "من هاتفيًا هو وسيصل يريد يكتب ينتظر يُرسل";
