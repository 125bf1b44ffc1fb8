package io.weir.ingest.decode;

/** Checks bytes for well-formed UTF-8 (Unicode, table 3-7): no surrogates, no overlong forms, nothing beyond U+10FFFF. */
public final class Utf8 {

    private Utf8() {}

    /** Position of the first byte of {@code bytes[from, to)} that begins no well-formed character, or -1. */
    public static int firstInvalid(byte[] bytes, int from, int to) {
        int at = Words.firstNonAscii(bytes, from, to);
        while (at < to) {
            int length = bytes[at] >= 0 ? 1 : characterLength(bytes, at, to);
            if (length == 0) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    /** Position of the first byte of {@code bytes[from, to)} that is not ASCII, or {@code to}. */
    public static int firstNonAscii(byte[] bytes, int from, int to) {
        return Words.firstNonAscii(bytes, from, to);
    }

    /** Length of the well-formed character of two to four bytes at {@code at}, or 0. */
    private static int characterLength(byte[] bytes, int at, int to) {
        int first = bytes[at] & 0xff;
        int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (first < 0xc2 || first > 0xf4 || at + length > to) {
            return 0;
        }
        int second = bytes[at + 1] & 0xff;
        int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < lowest || second > highest) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
}
