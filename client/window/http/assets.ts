/** What a page loads, as part of the program: an executable needs no file beside it. */

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
import sidebar from "../page/sidebar.js" with { type: "text" };
import baseStyle from "../page/style/base.css" with { type: "text" };
import chatStyle from "../page/style/chat.css" with { type: "text" };
import deskStyle from "../page/style/desk.css" with { type: "text" };
import listStyle from "../page/style/list.css" with { type: "text" };
import panelStyle from "../page/style/panels.css" with { type: "text" };
import phoneStyle from "../page/style/phone.css" with { type: "text" };
import userRow from "../page/user_row.js" with { type: "text" };
import strings from "../page/strings.js" with { type: "text" };

/** One file for the page, as each costs time; in this order, since what comes later holds. */
const style = [baseStyle, listStyle, deskStyle, chatStyle, panelStyle, phoneStyle].join("\n");

const SCRIPT = "text/javascript; charset=utf-8";

/** A file of the page. */
interface Asset {
  readonly type: string;
  readonly text: string;
}

/** The files by name; the page itself has none. */
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
  ["sidebar.js", { type: SCRIPT, text: sidebar }],
  ["user_row.js", { type: SCRIPT, text: userRow }],
  ["strings.js", { type: SCRIPT, text: strings }],
]);
