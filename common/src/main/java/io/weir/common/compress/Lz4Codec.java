package io.weir.common.compress;

import java.util.Arrays;

/**
 * LZ4 frames (frame format 1.6.2), one after the other; skippable frames are skipped, dictionaries refused.
 *
 * <pre>
 *   magic 4 │ flags 1 │ block size 1 │ [content size 8] │ checksum 1 │ blocks │ 0 as end 4 │ [content checksum 4]
 *   block: size 4, high bit set when not compressed │ data │ [checksum 4]
 * </pre>
 */
final class Lz4Codec implements Codec {

    private static final int MAGIC = 0x184D2204;
    private static final int SKIPPABLE = 0x184D2A50;
    private static final int INDEPENDENT = 0x20;
    private static final int BLOCK_CHECKSUM = 0x10;
    private static final int CONTENT_SIZE = 0x08;
    private static final int CONTENT_CHECKSUM = 0x04;
    private static final int DICTIONARY = 0x01;
    private static final int FIRST = 16 << 10;

    /** The first arrays; both grow with the blocks of the frame. */
    static final long HELD_BYTES = FIRST + Lz4Window.FIRST;

    private enum Part {
        MAGIC,
        DESCRIPTOR,
        BLOCK_SIZE,
        BLOCK,
        CONTENT_CHECKSUM,
        SKIP_SIZE,
        SKIP
    }

    private final Lz4Window window = new Lz4Window();
    private final XxHash32 checksum = new XxHash32();
    private Part part = Part.MAGIC;
    /** The current part as far as it has arrived. */
    private byte[] bytes = new byte[FIRST];

    private int length;
    private int needed = 4;
    private long toSkip;
    private int flags;
    private int maxBlock;
    private int blockSize;
    private long contentSize;
    private long frameStart;
    private boolean anyFrame;

    @Override
    public void feed(byte[] input, int offset, int count, Output output) {
        int at = offset;
        int end = offset + count;
        while (at < end) {
            if (part == Part.SKIP) {
                int skipped = (int) Math.min(toSkip, end - at);
                toSkip -= skipped;
                at += skipped;
                if (toSkip == 0) {
                    go(Part.MAGIC, 4);
                }
                continue;
            }
            int taken = Math.min(needed - length, end - at);
            if (length + taken > bytes.length) {
                int capacity = Math.min(needed, Math.max(bytes.length * 2, length + taken));
                output.charge(capacity - bytes.length);
                bytes = Arrays.copyOf(bytes, capacity);
            }
            System.arraycopy(input, at, bytes, length, taken);
            length += taken;
            at += taken;
            if (length == needed) {
                step(output, end - at);
            }
        }
    }

    @Override
    public void finish(Output output) {
        if (part != Part.MAGIC || length != 0 || !anyFrame) {
            throw output.truncated();
        }
    }

    @Override
    public void close() {
        window.reset();
    }

    private void step(Output output, int unread) {
        switch (part) {
            case MAGIC -> magic(output, unread);
            case DESCRIPTOR -> descriptor(output, unread);
            case BLOCK_SIZE -> blockSize(output, unread);
            case BLOCK -> block(output, unread);
            case CONTENT_CHECKSUM -> {
                if (number(0) != checksum.value()) {
                    throw output.corrupt("its content checksum is wrong", unread + length, null);
                }
                go(Part.MAGIC, 4);
            }
            default -> {
                toSkip = number(0) & 0xffffffffL;
                go(toSkip == 0 ? Part.MAGIC : Part.SKIP, 4);
            }
        }
    }

    private void magic(Output output, int unread) {
        int magic = number(0);
        if (magic == MAGIC) {
            go(Part.DESCRIPTOR, 3);
        } else if ((magic & 0xfffffff0) == SKIPPABLE) {
            anyFrame = true;
            go(Part.SKIP_SIZE, 4);
        } else {
            throw output.corrupt("not an LZ4 frame", unread + length, null);
        }
    }

    private void descriptor(Output output, int unread) {
        flags = bytes[0];
        int sizeCode = (bytes[1] >> 4) & 7;
        if ((flags & 0xc0) != 0x40 || (flags & 2) != 0 || (bytes[1] & 0x8f) != 0 || sizeCode < 4) {
            throw output.corrupt("its frame descriptor is not known", unread + length, null);
        }
        if ((flags & DICTIONARY) != 0) {
            throw output.corrupt("it needs a dictionary", unread + length, null);
        }
        if ((flags & CONTENT_SIZE) != 0 && length == 3) {
            needed = 11;
            return;
        }
        if (((XxHash32.of(bytes, 0, length - 1) >>> 8) & 0xff) != (bytes[length - 1] & 0xff)) {
            throw output.corrupt("its header checksum is wrong", unread + 1, null);
        }
        contentSize = length == 11 ? (number(2) & 0xffffffffL) | ((long) number(6) << 32) : -1;
        maxBlock = 1 << (8 + 2 * sizeCode);
        frameStart = output.produced();
        window.reset();
        checksum.reset();
        go(Part.BLOCK_SIZE, 4);
    }

    private void blockSize(Output output, int unread) {
        blockSize = number(0);
        if (blockSize == 0) {
            if (contentSize >= 0 && contentSize != output.produced() - frameStart) {
                throw output.corrupt("its content size is wrong", unread + length, null);
            }
            anyFrame = true;
            go((flags & CONTENT_CHECKSUM) != 0 ? Part.CONTENT_CHECKSUM : Part.MAGIC, 4);
            return;
        }
        int size = blockSize & Integer.MAX_VALUE;
        if (size > maxBlock || size == 0) {
            throw output.corrupt("its block is larger than it declares", unread + length, null);
        }
        go(Part.BLOCK, size + ((flags & BLOCK_CHECKSUM) != 0 ? 4 : 0));
    }

    private void block(Output output, int unread) {
        int size = blockSize & Integer.MAX_VALUE;
        if (length > size && XxHash32.of(bytes, 0, size) != number(size)) {
            throw output.corrupt("its block checksum is wrong", unread + 4, null);
        }
        if ((flags & INDEPENDENT) != 0) {
            window.reset();
        }
        window.startBlock(output);
        int room = output.room(maxBlock);
        if (blockSize < 0) {
            window.append(bytes, 0, Math.min(size, room));
        } else {
            switch (window.inflate(bytes, 0, size, room)) {
                case NONE -> {}
                case CORRUPT -> throw output.corrupt("its block is corrupt", unread + length, null);
                case TOO_LONG -> {
                    if (room < maxBlock) {
                        throw output.tooLarge();
                    }
                    throw output.corrupt("its block inflates to more than it declares", unread + length, null);
                }
            }
        }
        int start = window.start();
        int count = window.end() - start;
        if ((flags & CONTENT_CHECKSUM) != 0) {
            checksum.update(window.bytes(), start, start + count);
        }
        output.write(window.bytes(), start, count);
        go(Part.BLOCK_SIZE, 4);
    }

    private void go(Part next, int size) {
        part = next;
        needed = size;
        length = 0;
    }

    private int number(int from) {
        return (bytes[from] & 0xff)
                | ((bytes[from + 1] & 0xff) << 8)
                | ((bytes[from + 2] & 0xff) << 16)
                | ((bytes[from + 3] & 0xff) << 24);
    }
}
