/** Building the page out of elements: text goes in as text, never as HTML. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean>} [attributes] false leaves one out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/**
 * The element of the page with that id.
 *
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} type
 * @returns {Kind}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new TypeError(`expected an element ${id} of kind ${type.name}`);
}

/**
 * Puts a text in where it is another: what has not changed is not announced again.
 *
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Shows a value in a field, unless somebody has typed another there since the last.
 *
 * @param {HTMLInputElement} field
 * @param {string} value
 * @param {boolean} [always] whether also then
 */
export function fill(field, value, always = false) {
  if (!always && field.value !== field.defaultValue) return;
  field.defaultValue = value;
  field.value = value;
}

const letters = new Intl.Segmenter();

/**
 * The sign of somebody: the first letter of the name, in a colour of its own. It says nothing that the
 * name beside it does not, and is not read out.
 *
 * @param {string} name
 */
export function avatar(name) {
  const [first] = letters.segment(name);
  let sum = 0;
  for (let index = 0; index < name.length; index++) sum = (sum * 31 + name.charCodeAt(index)) % 360;
  const initial = (first?.segment ?? "").toLocaleUpperCase();
  const sign = make("span", { class: "avatar", "aria-hidden": "true", "data-initial": initial });
  sign.style.setProperty("--hue", String(sum));
  return sign;
}

/** Whether things may move. */
export const moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
