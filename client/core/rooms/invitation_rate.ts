/** How often a key may invite the user anew to rooms: as many questions as there are about its calls. */
export const INVITATION_RATE = { burst: 3, perSecond: 1 / 40 };
