/** What a page loads, as part of the program: an executable needs no file beside it. */

import connection from "./page/connection.js" with { type: "text" };
import desk from "./page/desk.js" with { type: "text" };
import dialog from "./page/dialog.js" with { type: "text" };
import dom from "./page/dom.js" with { type: "text" };
import index from "./page/index.html" with { type: "text" };
import kept from "./page/kept.js" with { type: "text" };
import login from "./page/login.js" with { type: "text" };
import main from "./page/main.js" with { type: "text" };
import messages from "./page/messages.js" with { type: "text" };
import order from "./page/order.js" with { type: "text" };
import panels from "./page/panels.js" with { type: "text" };
import people from "./page/people.js" with { type: "text" };
import places from "./page/places.js" with { type: "text" };
import side from "./page/side.js" with { type: "text" };
import baseStyle from "./page/style/base.css" with { type: "text" };
import chatStyle from "./page/style/chat.css" with { type: "text" };
import deskStyle from "./page/style/desk.css" with { type: "text" };
import listStyle from "./page/style/list.css" with { type: "text" };
import panelStyle from "./page/style/panels.css" with { type: "text" };
import phoneStyle from "./page/style/phone.css" with { type: "text" };
import userRow from "./page/user_row.js" with { type: "text" };
import words from "./page/words.js" with { type: "text" };

/** One file for the page, as each costs time; in this order, since what comes later holds. */
const style = [baseStyle, listStyle, deskStyle, chatStyle, panelStyle, phoneStyle].join("\n");

const SCRIPT = "text/javascript; charset=utf-8";

/** The files by name; the page itself has none. */
export const FILES: ReadonlyMap<string, { readonly type: string; readonly text: string }> = new Map(
  [
    ["", { type: "text/html; charset=utf-8", text: index }],
    ["style.css", { type: "text/css; charset=utf-8", text: style }],
    ["connection.js", { type: SCRIPT, text: connection }],
    ["desk.js", { type: SCRIPT, text: desk }],
    ["dialog.js", { type: SCRIPT, text: dialog }],
    ["dom.js", { type: SCRIPT, text: dom }],
    ["kept.js", { type: SCRIPT, text: kept }],
    ["login.js", { type: SCRIPT, text: login }],
    ["main.js", { type: SCRIPT, text: main }],
    ["messages.js", { type: SCRIPT, text: messages }],
    ["order.js", { type: SCRIPT, text: order }],
    ["panels.js", { type: SCRIPT, text: panels }],
    ["people.js", { type: SCRIPT, text: people }],
    ["places.js", { type: SCRIPT, text: places }],
    ["side.js", { type: SCRIPT, text: side }],
    ["user_row.js", { type: SCRIPT, text: userRow }],
    ["words.js", { type: SCRIPT, text: words }],
  ],
);
