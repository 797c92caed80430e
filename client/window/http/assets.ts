/** The files of the page, embedded in the program so that an executable needs none beside it. */

import connection from "../page/connection.js" with { type: "text" };
import chat_area from "../page/chat_area.js" with { type: "text" };
import chat_dialog from "../page/chat_dialog.js" with { type: "text" };
import elements from "../page/elements.js" with { type: "text" };
import index from "../page/index.html" with { type: "text" };
import session_storage from "../page/session_storage.js" with { type: "text" };
import login_bar from "../page/login_bar.js" with { type: "text" };
import main from "../page/main.js" with { type: "text" };
import message_list from "../page/message_list.js" with { type: "text" };
import sort from "../page/sort.js" with { type: "text" };
import panels from "../page/panels.js" with { type: "text" };
import user_list from "../page/user_list.js" with { type: "text" };
import chat_layout from "../page/chat_layout.js" with { type: "text" };
import info_log from "../page/info_log.js" with { type: "text" };
import pending_calls from "../page/pending_calls.js" with { type: "text" };
import baseStyle from "../page/style/base.css" with { type: "text" };
import chatStyle from "../page/style/chat.css" with { type: "text" };
import chatAreaStyle from "../page/style/chat_area.css" with { type: "text" };
import listStyle from "../page/style/list.css" with { type: "text" };
import panelStyle from "../page/style/panels.css" with { type: "text" };
import phoneStyle from "../page/style/phone.css" with { type: "text" };
import user_row from "../page/user_row.js" with { type: "text" };
import strings from "../page/strings.js" with { type: "text" };

/** One file, because each costs time; in this order, because later rules override earlier ones. */
const style = [baseStyle, listStyle, chatAreaStyle, chatStyle, panelStyle, phoneStyle].join("\n");

// deno-fmt-ignore
const SCRIPTS = {
  connection, chat_area, chat_dialog, elements, session_storage, login_bar, main, message_list,
  sort, panels, user_list, chat_layout, info_log, pending_calls, user_row, strings,
};

interface Asset {
  readonly type: string;
  readonly text: string;
}

/** Comments that begin a line: browsers don't need them. */
const COMMENTS = /^\s*(?:\/\*\*[\s\S]*?\*\/|\/\/.*)\n/gm;

/** The files by name; the name of the page itself is empty. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["", { type: "text/html; charset=utf-8", text: index }],
  ["style.css", { type: "text/css; charset=utf-8", text: style }],
  ...Object.entries(SCRIPTS).map(([name, text]): [string, Asset] => [
    `${name}.js`,
    { type: "text/javascript; charset=utf-8", text: text.replaceAll(COMMENTS, "") },
  ]),
]);
