/** Assertions about a page, each repeated until it holds. */

import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { eventually } from "./wait.ts";

/** The texts of all elements that match, in order. */
export async function expectTexts(elements: Locator, texts: readonly string[]): Promise<void> {
  await eventually(async () => assertEquals(await elements.allInnerTexts(), texts));
}

export async function expectText(element: Locator, text: string): Promise<void> {
  await eventually(async () => assertEquals(await element.innerText(), text));
}

/** The content of a field. */
export async function expectValue(field: Locator, value: string): Promise<void> {
  await eventually(async () => assertEquals(await field.inputValue(), value));
}

export async function expectAttribute(
  element: Locator,
  name: string,
  value: string,
): Promise<void> {
  await eventually(async () => assertEquals(await element.getAttribute(name), value));
}

/** How many elements match. That none is there is better asserted at once. */
export async function expectCount(elements: Locator, count: number): Promise<void> {
  await eventually(async () => assertEquals(await elements.count(), count));
}

export async function expectDisabled(element: Locator): Promise<void> {
  await eventually(async () => assert(await element.isDisabled(), `expected ${element} disabled`));
}

export async function expectTitle(page: Page, title: string): Promise<void> {
  await eventually(async () => assertEquals(await page.title(), title));
}
