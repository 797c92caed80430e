/** Builds elements where speed counts: messages and list rows. Text goes in as text, never as HTML. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean>} [attributes] false omits one
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function createElement(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/**
 * @param {string} className
 * @param {string} text
 * @param {(event: MouseEvent) => void} onClick
 */
export function createButton(className, text, onClick) {
  const button = createElement("button", { type: "button", class: className }, text);
  button.addEventListener("click", onClick);
  return button;
}

/**
 * Sets a text only if it differs, so that screen readers do not announce it again.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.replaceChildren(text);
}

const graphemes = new Intl.Segmenter();

/** The first letter of a name, and the hue of its circle. @param {string} name */
export function initialOf(name) {
  const [first] = graphemes.segment(name);
  let hue = 0;
  for (let index = 0; index < name.length; index++) hue = (hue * 31 + name.charCodeAt(index)) % 360;
  return { initial: (first?.segment ?? "").toLocaleUpperCase(), hue };
}

/** A circle with the first letter of a name, and a sign for the availability. @param {string} name @param {string} availability */
export function createAvatar(name, availability) {
  const { initial, hue } = initialOf(name);
  const avatar = createElement(
    "span",
    { class: "avatar", "aria-hidden": "true", "data-initial": initial },
    createElement("span", { class: "dot", "data-is": availability }),
  );
  avatar.style.setProperty("--hue", String(hue));
  return avatar;
}
