/** One promise of SECURITY.md broken on purpose, and the test that has to notice. */
export interface Break {
  /** How the promise begins in SECURITY.md. */
  readonly promise: string;
  /** The source file that keeps it. */
  readonly file: string;
  /** The text there that is replaced; it occurs once. */
  readonly from: string;
  readonly to: string;
  /** The test file. */
  readonly test: string;
  /** The title of the test that fails then. */
  readonly title: string;
}

/** Each promise of SECURITY.md has one or more. */
export const BREAKS: readonly Break[] = [
  {
    promise: "Only its author edits or deletes a message in your chat",
    file: "client/core/actions/action_memory.ts",
    from: 'return action.type === "react" || action.type === "unreact" || isByAuthor(action);',
    to: "return action.id !== undefined;",
    test: "tests/client/core/chats/actions_test.ts",
    title: "actions: nobody edits or deletes a message of somebody else's",
  },
  {
    promise: "Nobody is told what you have seen unless you and they have switched that on",
    file: "client/core/chats/chat_actions.ts",
    from:
      'if (id === undefined || id === this.#told || connection?.bothCan("seen") !== true) return;',
    to: "if (id === undefined || id === this.#told || connection === undefined) return;",
    test: "tests/client/core/chats/actions_test.ts",
    title: "seen: nothing is said to, or taken from, whoever has it switched off",
  },
  {
    promise: "Nobody else can read or change your messages",
    file: "protocol/crypto/cipher_state.ts",
    from: "    this.#nonce++;\n    return text;",
    to: "    return text;",
    test: "tests/protocol/crypto/noise_test.ts",
    title: "noise: a transport message is read once, whole, in order and only by the other side",
  },
  {
    promise: "A contact's new key takes the place of the old one only if both have signed that",
    file: "client/core/peer/secure_dialer.ts",
    from: "if (!equals(peer.identity, identity) || !hasFollowed) {",
    to: "if (!equals(peer.identity, identity)) {",
    test: "tests/client/core/peer/secure_dialer_test.ts",
    title: "dialing a peer: a new key that shows nothing does not learn who calls",
  },
  {
    promise: "A contact's new key takes the place of the old one only if both have signed that",
    file: "client/core/store.ts",
    from: "this.#pins.set(at, { ...pin, identity: newKey, verified: false });",
    to: "this.#pins.set(at, { ...pin, identity: newKey });",
    test: "tests/client/core/trust/rotation_test.ts",
    title: "rotation: a contact follows 1, unverified, in the same chat, and both are told",
  },
  {
    promise: "A contact's new key takes the place of the old one only if both have signed that",
    file: "protocol/mim2/key_rotation.ts",
    from: "if (!equals(rotation.oldKey, key) || !isRotationValid(rotation)) return false;",
    to: "if (!equals(rotation.oldKey, key)) return false;",
    test: "tests/server/identity/name_registry_test.ts",
    title: "a name goes with a chain of rotations, claimed later than before, and with no other",
  },
  {
    promise: "A name goes with a key only by a key that you know",
    file: "client/core/trust/call_admission.ts",
    from: 'if (!isCertified) return { type: "secure", security: "unconfirmed" };',
    to: 'if (!isCertified) return { type: "secure", security: "new" };',
    test: "tests/client/core/trust/unconfirmed_test.ts",
    title: "unconfirmed: a caller in no table, under an owned name, waits whatever the policy",
  },
  {
    promise: "A name goes with a key only by a key that you know",
    file: "client/core/trust/name_claims.ts",
    from: "signer: credential.serverKey, serverKey, serverTime",
    to: "serverKey: credential.serverKey, serverTime",
    test: "tests/client/core/trust/unconfirmed_test.ts",
    title: "unconfirmed: a caller in no table that shows one of a server of its own is unconfirmed",
  },
  {
    promise: "A name goes with a key only by a key that you know",
    file: "client/cli/send_command.ts",
    from: "    assertConfirmed(name, user, messenger);\n",
    to: "",
    test: "tests/client/cli/unconfirmed_send_test.ts",
    title:
      "send: to somebody whose certificate somebody on the way has stripped nothing is sent: exit 6",
  },
  {
    promise: "A name goes with a key only by a key that you know",
    file: "client/app/message_archive.ts",
    from: "if (identity === undefined || !this.isUnconfirmed({ name, identity })) return name;",
    to: "if (identity !== undefined) return name;",
    test: "tests/client/app/unconfirmed_history_test.ts",
    title: "history: an unconfirmed bob who was accepted shares none with the name",
  },
  {
    promise: "Between you and a MIM/2 server",
    file: "server/session/session.ts",
    from: 'end.code === "not-authentic" ? NO_HANDSHAKE : undefined',
    to: 'end.code === "not-authentic" ? undefined : undefined',
    test: "tests/client/core/session/on_path_test.ts",
    title: "on the path: the text of the welcome changed: nobody is logged in",
  },
  {
    promise: "Nobody becomes known to you by calling",
    file: "client/core/chats/secure_chats.ts",
    from: '!isUnknown(security) || isWanted && security === "new"',
    to: '!isUnknown(security) || security === "new"',
    test: "tests/client/core/trust/unconfirmed_test.ts",
    title: "unconfirmed: whoever called while strangers were let in is a stranger still",
  },
  {
    promise: "A name in other letters that looks like",
    file: "client/core/trust/stored_pins.ts",
    from: "return this.#copies.get(server)?.get(folded) ??",
    to: "return this.#copies.get(server)?.get(name.toLowerCase()) ??",
    test: "tests/client/core/trust/downgrade_test.ts",
    title:
      "a name in other letters that looks like a pinned one is that name: another key is refused",
  },
  {
    promise: "The safety number is the same on both sides",
    file: "protocol/crypto/safety_number.ts",
    from: "hash = sha512(hash, key);",
    to: "hash = sha512(hash);",
    test: "tests/protocol/crypto/safety_number_test.ts",
    title: "safety number: the vector that libsignal publishes, from both sides",
  },
  {
    promise: "A damaged key is never replaced silently",
    file: "client/storage/identity/identity_file.ts",
    from:
      '      throw new UsageError(\n        `${this.path} is damaged: ${error.message}; restore a backup, or move the file away to get a ` +\n          "new key",\n      );',
    to: "      return undefined;",
    test: "tests/client/storage/identity/identity_file_test.ts",
    title: "identity: a damaged file is told of and left as it is, whatever bit it is",
  },
  {
    promise: "Only you can read your key",
    file: "client/storage/identity/identity_file.ts",
    from: "      keepPrivate(this.path);\n",
    to: "",
    test: "tests/client/storage/identity/identity_file_test.ts",
    title: "identity: file and folder are for the owner alone",
  },
  {
    promise: "Text from others can't move your cursor",
    file: "client/terminal/input/wrap.ts",
    from: "row = gutter + row.slice(kept.at);",
    to: "row = row.slice(kept.at);",
    test: "tests/client/terminal/input/wrap_test.ts",
    title: "no row of a message but the first begins with anything but blanks, at any width",
  },
  {
    promise: "Only the browser that the window was opened with",
    file: "client/window/http/access_guard.ts",
    from: 'if (host !== this.#host) return "host";',
    to: "",
    test: "tests/client/window/server_test.ts",
    title: "guard: any other host name is refused",
  },
  {
    promise: "Only the browser that the window was opened with",
    file: "client/window/http/server.ts",
    from: "      guard.revoke();\n",
    to: "",
    test: "tests/client/window/server_test.ts",
    title:
      "guard: a single-use address works once; the second use revokes all addresses and cookies",
  },
  {
    promise: "Whatever bytes arrive, the result is an error or a message",
    file: "client/app/face_guard.ts",
    from: "      return show();\n    } catch (error) {",
    to: "      return show();\n    } catch (error) {\n      throw error;",
    test: "tests/client/hostile_events_test.ts",
    title: "faces: plain drops with a note what it can't show, and goes on",
  },
  {
    promise: "Nobody new can make your client connect",
    file: "client/core/peer/dial.ts",
    from: "    !isStranger || addressBlock(other) === addressBlock(plainAddress(address)) &&",
    to: "    !isStranger ||",
    test: "tests/client/core/peer/dial_test.ts",
    title:
      "dialing: of a stranger only the address that the server has seen, and others of its /24",
  },
  {
    promise: "Nobody keeps others out",
    file: "client/core/calls/call_screener.ts",
    from: 'this.#strangers.take(addressBlock(address)) === "taken"',
    to: "true",
    test: "tests/client/core/peer/crowd_test.ts",
    title: "crowd: 400 calls that hang up are few events",
  },
  {
    promise: "Nobody keeps others out",
    file: "client/core/peer/caller_slots.ts",
    from: "this.#addresses.size >= this.#max ? this.#oldestOfFullest() : undefined",
    to: "this.#addresses.size >= this.#max ? caller : undefined",
    test: "tests/client/core/peer/caller_slots_test.ts",
    title: "caller slots: the oldest of the fullest block makes room, at its fullest address",
  },
  {
    promise: "Nobody displaces what others say",
    file: "client/app/message_archive.ts",
    from: "if (!isAllowed) throw new Error(`${source} has sent more than ${limit} in an hour`);",
    to: "if (!isAllowed) return undefined;",
    test: "tests/client/app/message_archive_test.ts",
    title:
      "memory: what a stranger with a key sends beyond its allowance is not kept, and must come again",
  },
  {
    promise: "Nobody displaces what others say",
    file: "client/storage/history/trim.ts",
    from: "!(size.isMarked ? names.has(size.name) : places.has(`${blockOf(size)} ${size.name}`));",
    to: "true;",
    test: "tests/client/storage/history/trim_test.ts",
    title: "trim: a chat in which the user has written stays, and so does everything of the user's",
  },
  {
    promise: "Nothing goes out unencrypted because your key",
    file: "client/storage/identity/open_account.ts",
    from: "throw new NoKeyError(profile.whyNot);",
    to: "return without(profile.whyNot);",
    test: "tests/client/storage/identity/open_account_test.ts",
    title: "own key: none with --classic, or where there is no folder; it says why",
  },
  {
    promise: "A server does not lose its identity silently",
    file: "server/cli/server_program.ts",
    from: "if (error instanceof DataDirError) {",
    to:
      "if (error instanceof DataDirError) return EXIT.stopped;\n      if (error instanceof EvalError) {",
    test: "tests/e2e/data_folder_test.ts",
    title: "data folder: with half a key the server does not start, named or not",
  },
  {
    promise: "Your messages appear in no byte",
    file: "client/core/chats/chat_manager.ts",
    from: "if (callee === undefined || this.#secure === undefined) {",
    to: "if (callee !== undefined || this.#secure === undefined) {",
    test: "tests/client/core/blindness_test.ts",
    title:
      "blindness: a word that three users send, and who is online, is in no byte on the network",
  },
  {
    promise: "If your key is stolen later",
    file: "client/core/identity_keys.ts",
    from: "readonly #staticKey = random();",
    to: "readonly #staticKey = new Uint8Array(32).fill(1);",
    test: "tests/client/core/identity_keys_test.ts",
    title: "own keys: the static key is another one in each run, and not made of the identity",
  },
  {
    promise: "If your key is stolen later",
    file: "client/core/identity_keys.ts",
    from: "= noisePublicKey(this.#staticKey)",
    to: "= noisePublicKey(privateKey)",
    test: "tests/client/core/identity_keys_test.ts",
    title: "own keys: the static key is another one in each run, and not made of the identity",
  },
  {
    promise: "A name that had a key never belongs to another key",
    file: "client/core/trust/call_admission.ts",
    from: 'return { type: "blocked", mismatch: { reason: "key-changed", name: pin.name } };',
    to: 'return { type: "secure", security: standingOf(pin) };',
    test: "tests/client/core/trust/downgrade_test.ts",
    title: "a server that lies about a key: the pin stands, and nobody is dialed",
  },
  {
    promise: "When you allow one classic chat",
    file: "client/core/trust/pins.ts",
    from:
      "  useClassicChat(name: string): void {\n    this.#classicOnce.delete(this.#keyOf(name));",
    to: "  useClassicChat(_: string): void {",
    test: "tests/client/core/trust/one_classic_chat_test.ts",
    title: "one classic chat: somebody is dialed, and nobody else",
  },
  {
    promise: "Someone who answers under a false name never learns who called",
    file: "client/core/peer/handshake.ts",
    from:
      '  check(peer);\n  const isForRooms = isMeantForRooms(purpose, peer);\n  const introduction = keys.introduction("initiator", signaling, isForRooms, opening);\n  await writeAll(connection, encodeFrame(noise.write(introduction)));\n',
    to:
      '  const isForRooms = isMeantForRooms(purpose, peer);\n  const introduction = keys.introduction("initiator", signaling, isForRooms, opening);\n  await writeAll(connection, encodeFrame(noise.write(introduction)));\n  check(peer);\n',
    test: "tests/client/core/trust/downgrade_test.ts",
    title: "impostor answering: another key than the server says never learns who called",
  },
  {
    promise: "Someone who proves a key has a name",
    file: "client/core/peer/handshake.ts",
    from: "const check = checkUserName(name);",
    to: "const check = { ok: true, name };",
    test: "tests/client/core/peer/handshake_test.ts",
    title:
      "handshake: a caller with an escape sequence for a name is refused, though the key is proven",
  },
  {
    promise: "Nobody can acknowledge a message",
    file: "client/core/chats/outbox.ts",
    from:
      "return recipient !== undefined && chat.identity !== undefined &&\n        equals(recipient, chat.identity);",
    to: "return recipient !== undefined;",
    test: "tests/client/core/chats/secure_chat_test.ts",
    title: "outbox: only the recipient can acknowledge a message",
  },
  {
    promise: "A server that you named has the key",
    file: "client/core/trust/known_servers.ts",
    from:
      "known !== undefined && !equals(known, newKey) && !hasRotatedTo(known, newKey, rotations)",
    to: "known === newKey",
    test: "tests/client/core/session/mim2_login_test.ts",
    title: "MIM/2 login: a server with another key gets nothing, until the user accepts it",
  },
  {
    promise: "A server that a link names",
    file: "client/core/trust/known_servers.ts",
    from: "checkLink(server, offer);",
    to: "",
    test: "tests/client/core/trust/link_test.ts",
    title: "link: a server with another key gets nothing, and can't be accepted",
  },
  {
    promise: "A server that the network speaks of gets your login",
    file: "client/core/session/server_route.ts",
    from: "return await this.#connect(signal, elsewhere).catch(() => undefined);",
    to:
      "return await this.#connect(signal, elsewhere.map(({ hostname, port }) => ({ hostname, port })))" +
      ".catch(() => undefined);",
    test: "tests/client/core/session/moved_server_test.ts",
    title: "moved server: one that only claims the key gets nothing",
  },
  {
    promise: "A login proves your key",
    file: "protocol/mim2/link/login.ts",
    from:
      'return isSignatureValid({ type: "login", handshakeHash, port, name }, signature, identity);',
    to:
      "return handshakeHash.length > 0 && port + name.length + signature.length + identity.length > 0;",
    test: "tests/protocol/mim2/link/messages_test.ts",
    title: "link login: it is signed for its connection, port and name",
  },
  {
    promise: "With a key, your client never speaks classic MIM",
    file: "client/core/trust/known_servers.ts",
    from: "oldKey === undefined ? this.#classic.has(at) :",
    to: "oldKey === undefined ? true :",
    test: "tests/client/core/trust/first_contact_test.ts",
    title: "first contact: a server without MIM/2 is sent nothing, and shows nothing",
  },
  {
    promise: "A name belongs to the first key that takes it",
    file: "server/identity/name_registry.ts",
    from: "if (equals(owner.identity, identity)) return owner.claimed;",
    to: "return owner.claimed;",
    test: "tests/server/identity/name_registry_test.ts",
    title: "the first key that takes a name owns it, in every spelling, also after a restart",
  },
  {
    promise: "Nobody can make the server connect",
    file: "server/mim2/service.ts",
    from: "if (port !== 0 && port < limits.firstUserPort) return;",
    to: "",
    test: "tests/server/mim2/presence_test.ts",
    title: "no port of the system is probed, nor this machine unless the server is for it alone",
  },
  {
    promise: "A copy of your key",
    file: "client/storage/identity/key_backup.ts",
    from: "const MIN_COST = 2 ** 14;",
    to: "const MIN_COST = 2;",
    test: "tests/client/storage/identity/key_backup_test.ts",
    title: "key copy: what is none is refused before any work is done",
  },
  {
    promise: "A copy of your key",
    file: "client/storage/identity/key_backup.ts",
    from: "N: 2 ** 17,",
    to: "N: 2,",
    test: "tests/client/storage/identity/key_backup_test.ts",
    title: "key copy: comes back with its passphrase alone, however it is composed",
  },
  {
    promise: "Nothing from an ignored person",
    file: "client/core/calls/ignore_list.ts",
    from: "    if (entry === undefined) return false;\n    this.#entries.set(",
    to: "    if (entry === undefined || name !== undefined) return false;\n    this.#entries.set(",
    test: "tests/client/core/calls/call_screener_test.ts",
    title: "call screener: with a key, too, an ignored address is answered as one that is refused",
  },
  {
    promise: "A message arrives once",
    file: "client/storage/contacts/sqlite_store.ts",
    from: "  if (changes === 0) return false;\n",
    to: "",
    test: "tests/client/storage/contacts/sqlite_store_test.ts",
    title: "file store: four clients that use one at once lose nothing, and take each id once",
  },
  {
    promise: "Nobody alone can keep others from the server",
    file: "server/connections/connections.ts",
    from: ": describeStall(session, time);",
    to: ": undefined;",
    test: "tests/survival/budgets_test.ts",
    title: "a client that takes none of the table is given up after five seconds",
  },
  {
    promise: "Between you and a MIM/2 server",
    file: "protocol/mim2/link/record_opener.ts",
    from: "if (source?.epoch !== epoch || number !== expected) {",
    to: "if (source?.epoch !== epoch || expected === -1) {",
    test: "tests/protocol/mim2/link/record_test.ts",
    title: "records: log records come behind the table only, each once and in order",
  },
  {
    promise: "Nobody can put words into another's mouth in a room",
    file: "protocol/mim2/rooms/room_entry.ts",
    from: "return isBodyOf(entry.body, header) &&",
    to: "return isBodyOf(entry.body, header) ||",
    test: "tests/protocol/mim2/rooms/room_entry_test.ts",
    title: "rooms: an entry is valid with its author's signature and its own body alone",
  },
  {
    promise: "Someone who was removed from a room can write nothing more",
    file: "client/core/rooms/membership_rules.ts",
    from: "this.#graph.isBefore(end, beginning) || this.#graph.isBefore(node, end)",
    to: "this.#graph.isBefore(end, beginning) || !this.#graph.isBefore(end, node)",
    test: "tests/client/core/rooms/membership_test.ts",
    title:
      "rooms: an admin who is unmade or removed can remove and invite nobody, dated before or not",
  },
  {
    promise: "All members of a room who are connected see the same list",
    file: "client/core/rooms/room_summary.ts",
    from: "if (next > from ||",
    to: "if (next > from + 1 ||",
    test: "tests/client/core/rooms/rooms_test.ts",
    title: "rooms: whoever was away gets what was said from any member, also of who is offline now",
  },
  {
    promise: "For everybody but its members and guests a room does not exist",
    file: "client/core/rooms/room_exchange.ts",
    from: "return this.#room.replica.membership.roleOf(this.#peer.key);",
    to: 'return this.#room.replica.membership.roleOf(this.#peer.key) ?? "member";',
    test: "tests/client/core/rooms/hostile_members_test.ts",
    title:
      "rooms: nobody but members and guests is served, and whoever was removed gets nothing behind that",
  },
  {
    promise: "What is said in a room appears in no byte",
    file: "client/core/peer/secure_connection.ts",
    from: "return this.send(encodeFrame(this.#noise.encrypt(payloadOf(message))));",
    to: "return this.send(encodeFrame(payloadOf(message)));",
    test: "tests/client/core/rooms/rooms_blindness_test.ts",
    title: "blindness: a word said in a room is in no byte on the network",
  },
  {
    promise: "You are in no room without your word",
    file: "client/core/rooms/room_manager.ts",
    from: "(isContact || screener.admitsInvitation(",
    to: "(!isContact || screener.admitsInvitation(",
    test: "tests/client/core/rooms/hostile_members_test.ts",
    title:
      "rooms: nobody is in a room without their word, and strangers' invitations are screened like calls",
  },
  {
    promise: "No member can fill your memory or your disk",
    file: "client/core/rooms/waiting_entries.ts",
    from: "if (this.#entries.size <= roomWaitingEntries && this.#bytes <= bufferedBytes) return;",
    to: "if (this.#bytes <= bufferedBytes * roomWaitingEntries) return;",
    test: "tests/client/core/rooms/hostile_members_test.ts",
    title:
      "rooms: entries by the thousand that name what does not exist take little, and others are served",
  },
];
