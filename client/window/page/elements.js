/** Builds the page out of elements. Text goes in as text, never as HTML. */

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
 * @template {HTMLElement} Type
 * @param {string} id
 * @param {new () => Type} type
 * @returns {Type}
 */
export function getElement(id, type) {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new TypeError(`expected an element ${id} of type ${type.name}`);
}

/**
 * Sets a text only if it differs, so that screen readers do not announce it again.
 *
 * @param {Element} element
 * @param {string} text
 * @param {(Node | string)[]} [parts] what the text is made of
 */
export function setText(element, text, parts = [text]) {
  if (element.textContent !== text) element.replaceChildren(...parts);
}

/**
 * Shows a value in a field, unless the user has typed another one since the last call.
 *
 * @param {HTMLInputElement} field
 * @param {string} value
 * @param {boolean} [always] overwrites that, too
 */
export function fillField(field, value, always = false) {
  if (!always && field.value !== field.defaultValue) return;
  field.defaultValue = value;
  field.value = value;
}

const graphemes = new Intl.Segmenter();

/**
 * The first letter of a name, in a color of its own. Screen readers skip it.
 *
 * @param {string} name
 */
export function createAvatar(name) {
  const [first] = graphemes.segment(name);
  let hue = 0;
  for (let index = 0; index < name.length; index++) hue = (hue * 31 + name.charCodeAt(index)) % 360;
  const initial = (first?.segment ?? "").toLocaleUpperCase();
  const attributes = { class: "avatar", "aria-hidden": "true", "data-initial": initial };
  const avatar = createElement("span", attributes);
  avatar.style.setProperty("--hue", String(hue));
  return avatar;
}

/** Whether the user allows animations. */
export const allowsMotion = !matchMedia("(prefers-reduced-motion: reduce)").matches;
