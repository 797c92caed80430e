/** Every text of the page, in German. */

export default {};
