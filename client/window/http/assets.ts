/** The files of the page, embedded in the program so that an executable needs none beside it. */

import connection from "../page/connection.js" with { type: "text" };
import chatArea from "../page/chat_area.js" with { type: "text" };
import chatDialog from "../page/chat_dialog.js" with { type: "text" };
import elements from "../page/elements.js" with { type: "text" };
import index from "../page/index.html" with { type: "text" };
import sessionStorage from "../page/session_storage.js" with { type: "text" };
import loginBar from "../page/login_bar.js" with { type: "text" };
import main from "../page/main.js" with { type: "text" };
import messageList from "../page/message_list.js" with { type: "text" };
import sort from "../page/sort.js" with { type: "text" };
import panels from "../page/panels.js" with { type: "text" };
import userList from "../page/user_list.js" with { type: "text" };
import chatLayout from "../page/chat_layout.js" with { type: "text" };
import infoLog from "../page/info_log.js" with { type: "text" };
import pendingCalls from "../page/pending_calls.js" with { type: "text" };
import baseStyle from "../page/style/base.css" with { type: "text" };
import chatStyle from "../page/style/chat.css" with { type: "text" };
import chatAreaStyle from "../page/style/chat_area.css" with { type: "text" };
import listStyle from "../page/style/list.css" with { type: "text" };
import panelStyle from "../page/style/panels.css" with { type: "text" };
import phoneStyle from "../page/style/phone.css" with { type: "text" };
import userRow from "../page/user_row.js" with { type: "text" };
import strings from "../page/strings.js" with { type: "text" };

/** One file, because each costs time; in this order, because later rules override earlier ones. */
const style = [baseStyle, listStyle, chatAreaStyle, chatStyle, panelStyle, phoneStyle].join("\n");

const SCRIPT = "text/javascript; charset=utf-8";

interface Asset {
  readonly type: string;
  readonly text: string;
}

/** The files by name; the name of the page itself is empty. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  ["", { type: "text/html; charset=utf-8", text: index }],
  ["style.css", { type: "text/css; charset=utf-8", text: style }],
  ["connection.js", { type: SCRIPT, text: connection }],
  ["chat_area.js", { type: SCRIPT, text: chatArea }],
  ["chat_dialog.js", { type: SCRIPT, text: chatDialog }],
  ["elements.js", { type: SCRIPT, text: elements }],
  ["session_storage.js", { type: SCRIPT, text: sessionStorage }],
  ["login_bar.js", { type: SCRIPT, text: loginBar }],
  ["main.js", { type: SCRIPT, text: main }],
  ["message_list.js", { type: SCRIPT, text: messageList }],
  ["sort.js", { type: SCRIPT, text: sort }],
  ["panels.js", { type: SCRIPT, text: panels }],
  ["user_list.js", { type: SCRIPT, text: userList }],
  ["chat_layout.js", { type: SCRIPT, text: chatLayout }],
  ["info_log.js", { type: SCRIPT, text: infoLog }],
  ["pending_calls.js", { type: SCRIPT, text: pendingCalls }],
  ["user_row.js", { type: SCRIPT, text: userRow }],
  ["strings.js", { type: SCRIPT, text: strings }],
]);
