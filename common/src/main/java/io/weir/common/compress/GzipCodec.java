package io.weir.common.compress;

import java.util.zip.CRC32;

/** gzip (RFC 1952): members of header, deflate stream, checksum and length, one after the other. */
final class GzipCodec implements Codec {

    private static final int HEADER_BYTES = 10;
    private static final int TRAILER_BYTES = 8;
    private static final int HAS_HEADER_CHECKSUM = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private enum Part {
        HEADER,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CHECKSUM,
        DATA,
        TRAILER
    }

    private final InflateStream stream = new InflateStream(true);
    private final CRC32 checksum = new CRC32();
    private final byte[] fixed = new byte[HEADER_BYTES];
    private Part part = Part.HEADER;
    /** Bytes of the current part seen. */
    private int seen;

    private int extra;
    private int length;
    private boolean anyMember;

    @Override
    public void feed(byte[] input, int offset, int count, Output output) {
        int at = offset;
        int end = offset + count;
        while (at < end) {
            if (part == Part.DATA) {
                int left = stream.feed(input, at, end - at, output, this::inflated);
                at = left < 0 ? end : end - left;
                if (left >= 0) {
                    go(Part.TRAILER);
                }
            } else {
                step(input[at], output, end - at);
                at++;
            }
        }
    }

    @Override
    public void finish(Output output) {
        if (part != Part.HEADER || seen != 0 || !anyMember) {
            throw output.truncated();
        }
    }

    @Override
    public void close() {
        stream.close();
    }

    private void inflated(byte[] buffer, int count) {
        checksum.update(buffer, 0, count);
        length += count;
    }

    private void step(byte next, Output output, int unread) {
        switch (part) {
            case HEADER -> {
                fixed[seen++] = next;
                requireHeader(output, unread);
                if (seen == HEADER_BYTES) {
                    after(Part.HEADER);
                }
            }
            case EXTRA_LENGTH -> {
                extra |= (next & 0xff) << (8 * seen++);
                if (seen == 2) {
                    go(Part.EXTRA);
                    if (extra == 0) {
                        after(Part.EXTRA);
                    }
                }
            }
            case EXTRA -> {
                if (++seen == extra) {
                    after(Part.EXTRA);
                }
            }
            case NAME, COMMENT -> {
                if (next == 0) {
                    after(part);
                }
            }
            case HEADER_CHECKSUM -> {
                if (++seen == 2) {
                    after(Part.HEADER_CHECKSUM);
                }
            }
            default -> {
                fixed[seen++] = next;
                if (seen == TRAILER_BYTES) {
                    requireTrailer(output, unread - 1);
                    startMember();
                }
            }
        }
    }

    private void requireHeader(Output output, int unread) {
        boolean valid = switch (seen) {
            case 1 -> fixed[0] == 0x1f;
            case 2 -> fixed[1] == (byte) 0x8b;
            case 3 -> fixed[2] == 8;
            case 4 -> (fixed[3] & RESERVED) == 0;
            default -> true;
        };
        if (!valid) {
            throw output.corrupt(anyMember ? "what follows is not a gzip member" : "not a gzip header", unread, null);
        }
    }

    /** Goes to the next part that the flags announce behind {@code done}. */
    private void after(Part done) {
        int flags = fixed[3];
        if (done.compareTo(Part.EXTRA) < 0 && (flags & HAS_EXTRA) != 0) {
            extra = 0;
            go(Part.EXTRA_LENGTH);
        } else if (done.compareTo(Part.NAME) < 0 && (flags & HAS_NAME) != 0) {
            go(Part.NAME);
        } else if (done.compareTo(Part.COMMENT) < 0 && (flags & HAS_COMMENT) != 0) {
            go(Part.COMMENT);
        } else if (done.compareTo(Part.HEADER_CHECKSUM) < 0 && (flags & HAS_HEADER_CHECKSUM) != 0) {
            go(Part.HEADER_CHECKSUM);
        } else {
            go(Part.DATA);
        }
    }

    private void go(Part next) {
        part = next;
        seen = 0;
    }

    private void requireTrailer(Output output, int unread) {
        if (number(0) != (int) checksum.getValue()) {
            throw output.corrupt("its checksum is wrong", unread + TRAILER_BYTES, null);
        }
        if (number(4) != length) {
            throw output.corrupt("its length is wrong", unread + TRAILER_BYTES / 2, null);
        }
    }

    private int number(int from) {
        return (fixed[from] & 0xff)
                | ((fixed[from + 1] & 0xff) << 8)
                | ((fixed[from + 2] & 0xff) << 16)
                | ((fixed[from + 3] & 0xff) << 24);
    }

    private void startMember() {
        anyMember = true;
        stream.reset();
        checksum.reset();
        length = 0;
        go(Part.HEADER);
    }
}
