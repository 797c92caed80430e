/** Every text of the page, in Arabic. */

export default {};
