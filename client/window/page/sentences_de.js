/** The program's sentences in German, by their codes; `why` begins parts of sentences. */

/** @type {Readonly<Record<string, string>>} */
export default {
  "hosts-classic": "Der Server spricht klassisches MIM, ohne Schlüssel: {reason}",
  "gives-way":
    "Auch {server} ist ein Server: MIM wechselt dorthin und nimmt alle mit, damit es nur einen gibt",
  "not-joined": "Nicht angemeldet: {server} ist nicht der Server, für den er sich ausgibt",
  "move-not-saved": "Die neue Adresse des Servers ließ sich nicht speichern: {reason}",
  "name-not-saved": "Dein Name ließ sich nicht speichern: {reason}",
  "pruned": "Alte Nachrichten gelöscht, denn sie werden {days} Tage aufgehoben: {count}",
  "clock-doubted":
    "Die Uhr ist seit dem letzten Start um {days} Tage weitergesprungen: Deshalb wird nichts gelöscht, bis sie eine Woche lang richtig geht",
  "no-history": "Nachrichten werden nicht aufgehoben: {reason}",
  "history-off": "in den Einstellungen ausgeschaltet",
  "not-stored": "{text}",
  "history-not-renamed": "Die alten Nachrichten von {name} bleiben unter diesem Namen",
  "wrong-setting": "Falscher Wert, ohne den MIM weitermacht: {text}",
  "listen-unusable":
    "MIM ist nicht unter der Adresse erreichbar, die in config.json steht, sondern unter einer anderen: {reason}",
  "disconnected":
    "Verbindung zum Server verloren: {why}. Offene Chats bleiben offen; MIM versucht es weiter",
  "excluded":
    "Verbindung zum Server verloren: {why}. Offene Chats bleiben offen; MIM verbindet sich nicht von selbst neu",
  "server-key-rotated":
    "Der Server {server} hat einen neuen Schlüssel (bisher {oldKey}, jetzt {newKey}). Der alte hat den neuen unterschrieben, also gilt er wie bisher",
  "server-moved": "Der Server {from} ist jetzt unter {to}: Er hat denselben Schlüssel bewiesen",
  "key-rotated.me":
    "{name} kennt jetzt deinen neuen Schlüssel, den der alte unterschrieben hat; eure Sicherheitsnummer ist damit eine andere",
  "key-rotated.them":
    "{name} hat einen neuen Schlüssel, den der alte unterschrieben hat. Vergleicht die Sicherheitsnummern neu. Räume kennen nur den alten: Lade {name} wieder in eure gemeinsamen ein",
  "key-verified.me": "Du hast die Sicherheitsnummer mit {name} verglichen: Niemand liest mit",
  "key-verified.them":
    "{name} sagt, dass eure Sicherheitsnummern übereinstimmen. Vergleiche sie auch selbst",
  "call-ended.hung-up": "{name} ({address}) wartet nicht mehr auf dich",
  "call-ended.timeout": "{name} ({address}) hat zu lange gewartet; der Anruf wurde abgelehnt",
  "call-ended.evicted": "{name} ({address}) wurde abgelehnt: Zu viele warten",
  "calls-rejected":
    "Anrufe abgelehnt, zuletzt von {name} ({address}); davor seit der letzten Meldung: {others}",
  "calls-rejected.crowd":
    "Ein Anruf von {name} ({address}) wurde abgelehnt: Aus diesem Netz rufen zu viele neue Leute an",
  "calls-rejected.one": "Ein Anruf von {name} ({address}) wurde abgelehnt",
  "room-invited": "{by} lädt dich in {room} ein",
  "room-joined": "{name} ist jetzt in {room}",
  "room-joined.me": "Du bist jetzt in {room}",
  "room-left": "{name} hat {room} verlassen",
  "room-left.me": "Du hast {room} verlassen",
  "room-removed": "{by} hat {name} aus {room} entfernt",
  "room-removed.me": "{by} hat dich aus {room} entfernt",
  "room-promoted": "{by} hat {name} in {room} zum Admin gemacht",
  "room-promoted.me": "{by} hat dich in {room} zum Admin gemacht",
  "room-demoted": "{name} ist in {room} kein Admin mehr: Das war {by}",
  "room-demoted.me": "Du bist in {room} kein Admin mehr: Das war {by}",
  "room-changed": "{by} hat {room} geändert. Thema: {topic}",
  "keeps-trying": "MIM versucht es weiter, bis der Server antwortet. Abmelden beendet das",
  "ignoring": "Du ignorierst {name} ({address})",
  "ignoring-name": "Du ignorierst {name}",
  "not-delivered": "Nicht zugestellt an {name}: {text}",
  "action-failed": "Eine Änderung, ein Löschen oder eine Reaktion kam bei {name} nicht an",
  "program-note": "MIM meldet: {text}",
  "program-error": "MIM meldet einen Fehler: {text}",
  "not-shown": "Etwas ließ sich nicht zeigen: {text}",
  "unexpected": "Das ging nicht: {text}",
  "locked": "Das legt {file} für alle auf diesem Rechner fest",
  "not-saved": "Das ließ sich nicht speichern: {reason}",
  "invalid-server":
    "„{text}“ ist keine Adresse eines Servers. Erwartet wird HOST, HOST:PORT oder ein Link, der mit mim:// beginnt",
  "user-gone": "Diese Person ist nicht mehr da",
  "room-gone": "Diesen Raum gibt es hier nicht mehr",
  "chat-gone": "Dieser Chat wurde geschlossen",
  "file-gone": "Diese Datei steht nicht mehr in der Liste",
  "message-gone": "Diese Nachricht ist nicht hier",
  "hit-gone": "Die Suche ist zu lange her. Suche noch einmal",
  "short-passphrase": "Das Passwort braucht mindestens {count} Zeichen",
  "no-key": "Du hast keinen Schlüssel",
  "doubt.confusable":
    "der Name sieht nur aus wie {contact}, den du kennst, aber der Schlüssel ist ein anderer",
  "doubt.unconfirmed":
    "nichts bestätigt, dass das wirklich {name} ist: Du kennst den Schlüssel nicht, und der Server bestätigt den Namen nicht",
  "doubt.unlisted":
    "nichts bestätigt, dass das wirklich {name} ist: Es gibt keinen Schlüssel, und niemand mit diesem Namen ist von dort aus online",
  "doubt.key-missing":
    "{contact} hatte bisher einen Schlüssel, und dieser Anruf kommt ohne: Das kann jeder",
  "doubt.not-owner":
    "der Name {name} gehört zu einem Schlüssel, und hier ist keiner: Das ist jemand anderes",
  "doubt.other-server":
    "{name} hat auf einem anderen Server einen Schlüssel, aber dieser hier spricht nur klassisches MIM: Niemand weiß, ob es dieselbe Person ist",
  "server-unreachable": "Unter {server} antwortet kein Server",
  "server-refused": "Der Server {server} hat {name} nicht angemeldet: {why}",
  "protocol-error": "Der Server {server} antwortet, aber {why}",
  "protocol-error.not-mim": "Was unter {server} antwortet, ist kein Server von MIM",
  "protocol-error.not-authentic":
    "Nicht angemeldet: Jemand auf dem Weg zu {server} kann geändert haben, was der Server schickt. Nichts davon wurde geglaubt",
  "why.closed": "er hat die Verbindung geschlossen",
  "why.lost": "die Verbindung riss ab",
  "why.not-mim": "was er schickt, ist kein MIM",
  "why.not-authentic":
    "was kam, ist nicht, was er geschickt hat: Jemand kann es unterwegs geändert haben",
  "why.unproven": "er hat seinen Schlüssel nicht bewiesen",
  "why.silent": "er hat {seconds} s lang geschwiegen",
  "why.no-welcome": "seine Begrüßung kam nicht innerhalb von {seconds} s",
  "why.no-answer": "er hat {seconds} s lang nicht geantwortet",
  "why.late-announcement": "er hat zu spät gesagt, dass er MIM/2 spricht",
  "why.slept": "der Rechner hat geschlafen",
  "why.address-lost": "dieser Rechner hat die Adresse {address} nicht mehr",
  "why.address-new": "dieser Rechner hat eine neue Adresse, die andere erfahren sollen",
  "why.renewed": "andere sollen erfahren, was dieses Programm jetzt kann",
  "why.rejected-1": "er konnte nicht lesen, was kam",
  "why.rejected-2": "er erlaubt diesen Namen nicht",
  "why.rejected-3":
    "dieser Name gehört zu einem anderen Schlüssel. Ist es deiner, bring den Schlüssel mit; sonst wähle einen anderen Namen",
  "why.rejected-4": "zu viele Verbindungen kommen von deiner Adresse",
  "why.rejected-5": "das ging zu schnell; versuche es in einer Minute noch einmal",
  "why.rejected-6": "er ist voll; versuche es später noch einmal",
  "why.rejected-7": "er wird gerade beendet",
  "why.rejected-8": "dein Schlüssel ließ sich nicht beweisen",
  "why.rejected-9": "die Verbindung ist zu langsam, oder es kam nichts",
  "why.rejected-10": "er ist noch nicht so weit; versuche es gleich noch einmal",
  "why.rejected-11": "ein anderer Server macht an seiner Stelle weiter",
  "why.rejected-12": "du bist dort gesperrt. Frag die Betreiber",
  "why.rejected-13": "er lässt nur bestimmte Leute ein. Frag die Betreiber",
  "why.rejected-14": "die Betreiber haben deine Sitzung beendet",
  "cannot-listen": "MIM kann unter Port {port} keine Anrufe annehmen: {reason}",
  "invalid-name": "Dieser Name geht nicht. Wähle einen anderen",
  "invalid-state": "Das geht gerade nicht",
  "invalid-state.already-logged-in": "Du bist schon angemeldet als {name}",
  "invalid-state.already-logging-in": "Du wirst gerade angemeldet als {name}",
  "invalid-state.logged-out": "Abgemeldet, bevor die Verbindung stand",
  "invalid-state.not-logged-in": "Du bist nicht angemeldet",
  "invalid-state.not-logged-in-yet": "Der Server antwortet, aber du bist noch nicht angemeldet",
  "invalid-state.no-identity": "Du hast keinen Schlüssel und kannst nur klassisches MIM",
  "invalid-state.link-without-identity":
    "Ohne eigenen Schlüssel kann kein Server den Schlüssel aus dem Link beweisen",
  "invalid-state.no-server-keys": "Dieser Server kennt keine Schlüssel",
  "invalid-state.no-server-change": "Der Server hat sich nicht geändert",
  "invalid-state.no-classic-server": "Kein Server wartet darauf, ohne Verschlüsselung zu sprechen",
  "invalid-state.too-many-chats": "Schon {limit} Chats sind offen. Schließ erst einen",
  "invalid-state.too-many-ignored": "Du ignorierst schon {limit}. Nimm erst jemanden heraus",
  "invalid-state.not-compared": "Vergleiche erst die Sicherheitsnummer von {name}",
  "invalid-state.compared-key-gone":
    "{name} hat den Schlüssel nicht mehr, dessen Sicherheitsnummer zu sehen war. Vergleiche noch einmal",
  "invalid-state.other-letters":
    "{name} ist nicht {contact}: Der Name sieht nur gleich aus, mit anderen Buchstaben, und nichts bestätigt, dass es dieselbe Person ist",
  "not-online": "{name} ist nicht online",
  "not-online.self": "{name} bist du selbst",
  "not-online.no-key": "Von {name} ist kein Schlüssel bekannt: Nur Programme mit MIM/2 haben einen",
  "not-online.no-other-key": "{name} hat keinen anderen Schlüssel als den, dem du schon vertraust",
  "not-online.ambiguous": "{name} können mehrere sein",
  "not-online.several-keys":
    "Unter dem Namen {name} werden mehrere Schlüssel benutzt. Frag nach, welcher stimmt",
  "not-online.call-ended": "{name} wartet nicht mehr auf eine Antwort",
  "peer-unreachable":
    "{name} ist unter {address} nicht zu erreichen. Vielleicht läuft das Programm nicht mehr, oder eine Firewall ist im Weg",
  "chat-closed.lost": "Die Verbindung zu {name} ist abgerissen",
  "chat-closed": "Der Chat mit {name} ist geschlossen. Nichts wurde gesendet",
  "ignored": "Du ignorierst {name}",
  "server-key-mismatch.changed":
    "Der Server {server} hat einen anderen Schlüssel als bisher. Er kann neu eingerichtet sein, oder jemand gibt sich für ihn aus. Nichts wurde gesendet",
  "server-key-mismatch.none":
    "Der Server {server} beweist nicht mehr, wer er ist, und kann falsche Schlüssel nennen. Er kann seine Daten verloren haben, oder jemand gibt sich für ihn aus. Nichts wurde gesendet",
  "server-key-mismatch.link":
    "Der Server {server} ist nicht der aus dem Link: Er hat einen anderen Schlüssel oder keinen. Nichts wurde gesendet. Frag nach dem richtigen Link",
  "classic-server":
    "Der Server {server} spricht kein MIM/2: Nichts wäre verschlüsselt, und niemand bewiese, wer er ist. Nichts wurde gesendet",
  "peer-key-mismatch": "Der Anruf kam nicht zustande: Name und Schlüssel passen nicht zusammen",
  "peer-key-mismatch.key-changed":
    "{name} hat einen anderen Schlüssel als bisher: Es kann jemand anders sein. Frag auf anderem Weg nach",
  "peer-key-mismatch.key-missing":
    "{name} hatte bisher einen Schlüssel und hat jetzt keinen: Nichts wäre verschlüsselt",
  "peer-key-mismatch.other-key-answered":
    "{name} hat nicht geantwortet, sondern jemand mit einem anderen Schlüssel, der nichts erfahren hat",
  "peer-key-mismatch.namesake":
    "Diese Person heißt nur auch {name} und wird nicht angerufen: {name} mit dem Schlüssel, den du kennst, ist ebenfalls online",
  "peer-key-mismatch.other-letters":
    "{name} ist nicht {contact}: Der Name sieht nur gleich aus, mit anderen Buchstaben, und nichts bestätigt, dass es dieselbe Person ist",
  "peer-unconfirmed":
    "Nichts bestätigt, dass das {name} ist: Du kennst den Schlüssel nicht, und der Server bestätigt den Namen nicht",
  "send-failed": "Nichts wurde gesendet",
  "send-failed.invalid-text": "Nichts gesendet: {text}",
  "send-failed.too-long": "Der Text ist zu lang: {length} Byte, höchstens {limit} passen",
  "send-failed.status-too-long":
    "Der Status ist zu lang: {length} Byte, höchstens {limit} passen; ein Umlaut hat 2, ein Emoji 4 oder mehr",
  "send-failed.outbox-full": "Nichts gesendet: Schon {limit} Nachrichten warten",
  "send-failed.peer-not-reading": "Nichts gesendet: {name} liest zu langsam",
  "send-failed.no-actions":
    "{name} spricht klassisches MIM: Dort bleiben Nachrichten, wie sie sind",
  "send-failed.not-delivered": "Die Nachricht an {name} kam nicht an",
  "send-failed.not-acknowledged":
    "{name} hat nicht bestätigt, dass etwas ankam; aufgegeben: {count}",
  "send-failed.no-files": "Das Programm von {name} nimmt keine Dateien an",
  "transfer-failed.cancelled": "abgebrochen",
  "transfer-failed.taken": "ein anderes deiner Programme holt es oder hat es",
  "transfer-failed.withdrawn": "zurückgezogen",
  "transfer-failed.declined": "abgelehnt",
  "transfer-failed.unknown": "die andere Seite weiß von dem Angebot nichts mehr",
  "transfer-failed.invalid": "das Angebot verletzt die Regeln",
  "transfer-failed.changed": "eine Datei ist nicht mehr, was angeboten war",
  "transfer-failed.unreadable": "eine Datei lässt sich nicht lesen",
  "transfer-failed.mismatch": "was kam, ist nicht, was angeboten war",
  "transfer-failed.disk-full": "die Festplatte ist voll; es geht weiter, sobald Platz ist",
  "transfer-failed.unwritable": "die Dateien lassen sich nicht schreiben",
  "transfer-failed.no-storage": "dieses Programm speichert keine Dateien",
  "storage-failed": "Etwas ließ sich nicht speichern: {reason}",
  "storage-failed.server-key": "Der Schlüssel des Servers ließ sich nicht speichern: {reason}",
  "storage-failed.contents": "Was von früher bekannt ist, ließ sich nicht lesen: {reason}",
  "storage-failed.changes": "Die letzten Änderungen ließen sich nicht speichern: {reason}",
  "storage-failed.key": "Der Schlüssel von {name} ließ sich nicht speichern: {reason}",
  "storage-failed.outbox":
    "Nichts wurde gesendet: Die Nachricht ließ sich nicht speichern: {reason}",
  "storage-failed.delivery":
    "Eine zugestellte Nachricht geht beim nächsten Start noch einmal hinaus: {reason}",
  "storage-failed.incoming-message":
    "Was {name} schreibt, ließ sich nicht speichern und kommt noch einmal: {reason}",
  "room-failed.not-member": "Du bist kein Mitglied dieses Raums",
  "room-failed.owner-only": "Das darf nur, wem der Raum gehört",
  "room-failed.admin-only": "Das darf nur, wem der Raum gehört oder wer ihn verwaltet",
  "room-failed.lobby-only-talks": "In der Lobby gibt es nur Nachrichten und Antworten",
  "room-failed.no-lobby": "Dieser Server hat keine Lobby",
  "room-failed.not-allowed": "Das darfst du in diesem Raum nicht",
  "room-failed.not-invited": "Du bist in diesen Raum nicht eingeladen",
  "room-failed.already-member": "Diese Person ist schon Mitglied oder eingeladen",
  "room-failed.no-member": "Diese Person ist weder Mitglied noch eingeladen",
  "room-failed.no-message": "Diese Nachricht gibt es nicht, oder sie ist nicht von dir",
  "room-failed.no-identity": "Räume brauchen einen Schlüssel, und du hast keinen",
  "room-failed.other-key":
    "Du bist kein Mitglied von {labels} mehr: Du hast jetzt einen anderen Schlüssel. Mitglieder können dich wieder einladen",
  "room-failed.invalid-name": "Dieser Name geht für einen Raum nicht",
  "room-failed.too-many-invitations":
    "Schon {limit} Einladungen warten auf deine Antwort; weitere wurden abgelehnt",
  "room-failed.no-rooms-there": "Das MIM von {name} kennt keine Räume",
  "room-failed.too-long": "Der Text ist zu lang: {length} Byte, höchstens {limit} passen",
  "room-failed.topic-too-long": "Das Thema ist zu lang: {length} Zeichen, höchstens {limit} passen",
  "call-failed": "Ein Anruf von {address} kam nicht zustande: {reason}",
  "call-failed.too-many-chats":
    "Ein Anruf von {address} kam nicht zustande: Schon {limit} Chats sind offen",
  "call-failed.pinned-to-other-key":
    "Jemand unter {address} nennt sich {name}, aber mit einem anderen Schlüssel als {other} bisher. Der Anruf wurde nicht angenommen; frag auf einem anderen Weg nach",
  "call-failed.pinned-under-other-name":
    "Jemand unter {address} nennt sich {name}, aber du kennst den Schlüssel als {other}. Der Anruf wurde nicht angenommen",
  "call-failed.listed-with-other-key":
    "Jemand unter {address} nennt sich {name}, aber der Server kennt {other} mit einem anderen Schlüssel. Der Anruf wurde nicht angenommen",
  "call-failed.listed-under-other-name":
    "Jemand unter {address} nennt sich {name}, aber der Server kennt den Schlüssel als {other}. Der Anruf wurde nicht angenommen",
  "call-rejected": "{name} hat den Anruf abgelehnt",
  "call-rejected.1":
    "{name} hat den Anruf abgelehnt: {ownName} hat dort einen anderen Schlüssel. Bring deinen mit, oder sag auf anderem Weg, dass deiner neu ist",
  "call-rejected.2":
    "{name} hat den Anruf abgelehnt: Dein Schlüssel hat dort einen anderen Namen als {ownName}",
  "call-rejected.3":
    "{name} hat den Anruf abgelehnt: Dort sind zu viele Chats offen. Versuche es später noch einmal",
  "chat-failed": "Der Chat mit {name} kann nicht weitergehen: Was kam, ist kein MIM",
  "reconnect-failed": "Nicht wieder angemeldet: {reason}",
  "delisted":
    "Der Server {server} hat dich aus seiner Liste genommen: Niemand sieht dich mehr. Melde dich ab und wieder an",
  "listener-failed": "Etwas in MIM ging schief: {reason}",
  "server-complaint": "Der Server beschwert sich: {text}",
  "kicked": "Sitzungen von {name} beendet",
  "banned": "{name} ist vom Server ausgesperrt",
  "banned.cluster": "{name} ist von allen Servern des Clusters ausgesperrt",
  "banned.cluster-later":
    "{name} ist von diesem Server ausgesperrt, von den anderen des Clusters, sobald er sie erreicht",
  "unbanned": "{name} darf sich wieder anmelden",
  "unbanned.cluster": "{name} darf sich bei allen Servern des Clusters wieder anmelden",
  "unbanned.cluster-later":
    "{name} darf sich bei diesem Server wieder anmelden, bei den anderen des Clusters, sobald er sie erreicht",
  "ban-gone": "Diese Sperre ist zu alt, um sie so aufzuheben",
  "order-refused": "Der Server konnte das nicht: {text}",
  "order-refused.not-admin":
    "Das dürfen nur Admins dieses Servers, und dein Schlüssel gehört nicht dazu",
  "order-refused.unchanged": "Das änderte nichts",
  "order-refused.is-admin":
    "Das sperrte einen Admin dieses Servers aus, was nur die Betreiber können",
  "order-refused.not-logged-in": "Dafür musst du bei einem Server mit MIM/2 angemeldet sein",
  "order-refused.no-answer":
    "Der Server hat nicht geantwortet: Vielleicht ist es geschehen, vielleicht nicht",
  "newer-version":
    "Der Server hat MIM {version}, und dies ist MIM {own}. Frag, wer dir MIM gegeben hat, nach einem neueren",
  "upload-aborted": "{name} wurde nicht gesendet: Die Seite wurde vorher geschlossen oder hielt an",
  "invalid-setting": "„{text}“ geht hier nicht",
};
