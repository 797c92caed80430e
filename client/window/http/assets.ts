/** The files of the page, embedded in the program so that an executable needs none beside it. */

import { bundle } from "./bundle.ts";
import { packScript, packStyle } from "./pack.ts";
import htm from "htm" with { type: "text" };
import preact from "preact" with { type: "text" };
import hooks from "preact/hooks" with { type: "text" };
import sentences_ar from "../page/sentences_ar.js" with { type: "text" };
import sentences_de from "../page/sentences_de.js" with { type: "text" };
import sentences_en from "../page/sentences_en.js" with { type: "text" };
import settings from "../page/settings.js" with { type: "text" };
import show_chat from "../page/show_chat.js" with { type: "text" };
import avatar from "../page/avatar.js" with { type: "text" };
import messages_of from "../page/messages_of.js" with { type: "text" };
import server_strip from "../page/server_strip.js" with { type: "text" };
import answer_files from "../page/answer_files.js" with { type: "text" };
import guests from "../page/guests.js" with { type: "text" };
import refused_texts from "../page/refused_texts.js" with { type: "text" };
import submit_later from "../page/submit_later.js" with { type: "text" };
import chat_pane from "../page/chat_pane.js" with { type: "text" };
import loaded_messages from "../page/loaded_messages.js" with { type: "text" };
import composer from "../page/composer.js" with { type: "text" };
import connection from "../page/connection.js" with { type: "text" };
import drafts from "../page/drafts.js" with { type: "text" };
import elements from "../page/elements.js" with { type: "text" };
import file_card from "../page/file_card.js" with { type: "text" };
import files from "../page/files.js" with { type: "text" };
import help from "../page/help.js" with { type: "text" };
import more_text_ar from "../page/more_text_ar.js" with { type: "text" };
import more_text_de from "../page/more_text_de.js" with { type: "text" };
import more_text_en from "../page/more_text_en.js" with { type: "text" };
import send_files from "../page/send_files.js" with { type: "text" };
import find from "../page/find.js" with { type: "text" };
import focus_pane from "../page/focus_pane.js" with { type: "text" };
import html from "../page/html.js" with { type: "text" };
import index from "../page/index.html" with { type: "text" };
import keys from "../page/keys.js" with { type: "text" };
import locked from "../page/locked.js" with { type: "text" };
import login_form from "../page/login_form.js" with { type: "text" };
import later from "../page/later.js" with { type: "text" };
import main from "../page/main.js" with { type: "text" };
import main_view from "../page/main_view.js" with { type: "text" };
import menu from "../page/menu.js" with { type: "text" };
import menu_entries from "../page/menu_entries.js" with { type: "text" };
import message_actions from "../page/message_actions.js" with { type: "text" };
import message_list from "../page/message_list.js" with { type: "text" };
import message_range from "../page/message_range.js" with { type: "text" };
import message_row from "../page/message_row.js" with { type: "text" };
import message_tools from "../page/message_tools.js" with { type: "text" };
import notify from "../page/notify.js" with { type: "text" };
import panels from "../page/panels.js" with { type: "text" };
import people from "../page/people.js" with { type: "text" };
import people_panel from "../page/people_panel.js" with { type: "text" };
import people_rows from "../page/people_rows.js" with { type: "text" };
import people_view from "../page/people_view.js" with { type: "text" };
import profile from "../page/profile.js" with { type: "text" };
import room_panels from "../page/room_panels.js" with { type: "text" };
import qr_code from "../page/qr_code.js" with { type: "text" };
import rich_text from "../page/rich_text.js" with { type: "text" };
import session_storage from "../page/session_storage.js" with { type: "text" };
import side from "../page/side.js" with { type: "text" };
import store from "../page/store.js" with { type: "text" };
import strip from "../page/strip.js" with { type: "text" };
import baseStyle from "../page/style/base.css" with { type: "text" };
import chatStyle from "../page/style/chat.css" with { type: "text" };
import listStyle from "../page/style/list.css" with { type: "text" };
import messageStyle from "../page/style/messages.css" with { type: "text" };
import narrowStyle from "../page/style/narrow.css" with { type: "text" };
import panelStyle from "../page/style/panels.css" with { type: "text" };
import signInStyle from "../page/style/sign_in.css" with { type: "text" };
import text from "../page/text.js" with { type: "text" };
import text_ar from "../page/text_ar.js" with { type: "text" };
import text_de from "../page/text_de.js" with { type: "text" };
import text_en from "../page/text_en.js" with { type: "text" };
import toast from "../page/toast.js" with { type: "text" };
import updates from "../page/updates.js" with { type: "text" };

/** One file, because each costs time; in this order, because later rules override earlier ones. */
const style = [baseStyle, listStyle, messageStyle, chatStyle, signInStyle, narrowStyle].join("\n");

// deno-fmt-ignore
const SCRIPTS = {
  answer_files, avatar, chat_pane, composer, connection, drafts, elements, file_card, files, find, focus_pane, help, html, keys, later,
  loaded_messages, locked, login_form, main, main_view, menu, menu_entries, message_actions, message_list,
  message_range, message_row, message_tools, messages_of, notify, panels, people, people_panel, people_rows,
  people_view, profile, qr_code, rich_text, room_panels, server_strip, send_files, session_storage, settings, show_chat, side, store,
  guests, refused_texts, strip, text, toast, submit_later, updates,
};

/** The libraries that draw the page, as they come from npm, by the names of imports. */
const LIBRARIES = { preact, "preact/hooks": hooks, htm };

const MANIFEST = JSON.stringify({
  name: "MIM",
  short_name: "MIM",
  start_url: ".",
  display: "standalone",
  icons: [{
    src: `data:image/svg+xml,${
      encodeURIComponent(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>" +
          "<path d='M4 6h24v16H14l-6 6v-6H4z' fill='#2b4fc7'/></svg>",
      )
    }`,
    sizes: "any",
    type: "image/svg+xml",
  }],
});

/** The languages of the page, by the beginning of their tags. */
const LANGUAGES = ["en", "de", "ar"] as const;
/** The files that differ by language, and how the names of those in one language begin. */
const IN_LANGUAGES = new Map([["texts.js", "text"], ["more_texts.js", "more_text"], [
  "sentences.js",
  "sentences",
]]);

export interface Asset {
  readonly type: string;
  readonly text: string;
}

/** Libraries come packed, but for this line. */
const SOURCE_MAP = /^\/\/# sourceMappingURL.*$/m;

const modules = new Map([
  ...Object.entries(SCRIPTS).map(([name, text]) => [`./${name}.js`, packScript(text)] as const),
  ...Object.entries(LIBRARIES).map(([name, text]) => [name, text.replace(SOURCE_MAP, "")] as const),
]);
/** They stay files of their own: one opens the socket early, the other differs by language. */
const externals = ["./connection.js", "./texts.js"];
const page = bundle("./main.js", modules, { externals });
/** The modules that load on first use; the parts of a chat, also once everything else is there. */
const LATER = ["chat_pane", "menu", "panels", "file_card", "send_files"];

const FILES = {
  "connection.js": modules.get("./connection.js") ?? "",
  "main.js": page.text,
  ...bundleLater(),
  "more_text_ar.js": packScript(more_text_ar),
  "more_text_de.js": packScript(more_text_de),
  "more_text_en.js": packScript(more_text_en),
  "sentences_ar.js": packScript(sentences_ar),
  "sentences_de.js": packScript(sentences_de),
  "sentences_en.js": packScript(sentences_en),
  "text_ar.js": packScript(text_ar),
  "text_de.js": packScript(text_de),
  "text_en.js": packScript(text_en),
};

/** The files by name; the name of the page itself is empty. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["", { type: "text/html; charset=utf-8", text: index }],
  ["style.css", { type: "text/css; charset=utf-8", text: packStyle(style) }],
  ["panels.css", { type: "text/css; charset=utf-8", text: packStyle(panelStyle) }],
  ["manifest.webmanifest", { type: "application/manifest+json", text: MANIFEST }],
  ...Object.entries(FILES).map(([name, text]): [string, Asset] => [
    name,
    { type: "text/javascript; charset=utf-8", text },
  ]),
]);

/** The file of that name, in the user's language as the browser gives it. */
export function assetFor(name: string, acceptLanguage = ""): Asset | undefined {
  const inLanguages = IN_LANGUAGES.get(name);
  if (inLanguages === undefined) return ASSETS.get(name);
  const wanted = acceptLanguage.split(",").map((tag) => tag.trim().slice(0, 2).toLowerCase());
  const language = wanted.find((tag) => LANGUAGES.some((one) => one === tag)) ?? "en";
  return ASSETS.get(`${inLanguages}_${language}.js`);
}

/** The files that come later. Each uses the modules of those before it. */
function bundleLater(): Record<string, string> {
  const known = new Map(page.names.map((name) => [name, "./main.js"]));
  const files: Record<string, string> = {};
  for (const entry of LATER) {
    const { text, names } = bundle(`./${entry}.js`, modules, { known, externals });
    for (const name of names) known.set(name, `./${entry}.js`);
    files[`${entry}.js`] = text;
  }
  return files;
}
