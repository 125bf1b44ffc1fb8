package io.weir.ingest.decode;

import java.util.Locale;

/** The families of MessagePack values. */
enum MessagePackType {
    NIL,
    BOOLEAN,
    INTEGER,
    FLOAT,
    STRING,
    BINARY,
    ARRAY,
    MAP,
    EXTENSION;

    private static final MessagePackType[] BY_LEAD = new MessagePackType[256];

    static {
        for (int lead = 0; lead < 256; lead++) {
            BY_LEAD[lead] = find(lead);
        }
    }

    /** The family of a value with that first byte. @throws MessagePackFault for 0xc1, which begins none */
    static MessagePackType ofLead(byte lead, int offset) {
        MessagePackType type = BY_LEAD[lead & 0xff];
        if (lead == (byte) 0xc1) {
            throw new MessagePackFault(offset, "byte 0xc1 begins no value");
        }
        return type;
    }

    /** The word users read in messages. */
    String noun() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static MessagePackType find(int lead) {
        if (lead <= 0x7f || lead >= 0xe0 || (lead >= 0xcc && lead <= 0xd3)) {
            return INTEGER;
        } else if (lead <= 0x8f || lead >= 0xde) {
            return MAP;
        } else if (lead <= 0x9f || lead >= 0xdc) {
            return ARRAY;
        } else if (lead <= 0xbf || lead >= 0xd9) {
            return STRING;
        } else if (lead <= 0xc1) {
            return NIL;
        } else if (lead <= 0xc3) {
            return BOOLEAN;
        } else if (lead <= 0xc6) {
            return BINARY;
        }
        return lead == 0xca || lead == 0xcb ? FLOAT : EXTENSION;
    }
}
