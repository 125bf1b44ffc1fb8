package io.weir.query.tail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import io.weir.common.memory.Reservation;

/**
 * Encoded rows, shared by every reader that gets them. Whoever keeps one retains it; with the last of them the bytes and their
 * memory are given back. Thread-safe.
 */
final class TailFrame extends AbstractReferenceCounted {

    private final ByteBuf bytes;
    private final int rows;
    private final Reservation memory;

    /** A frame that holds a copy of those bytes and owns the reservation; it has one holder, the caller. */
    TailFrame(byte[] encoded, int rows, Reservation memory) {
        this.bytes = PooledByteBufAllocator.DEFAULT.directBuffer(encoded.length).writeBytes(encoded);
        this.rows = rows;
        this.memory = memory;
    }

    /** A buffer of its own over the bytes, which its owner releases. */
    ByteBuf share() {
        return bytes.retainedDuplicate();
    }

    int size() {
        return bytes.readableBytes();
    }

    int rows() {
        return rows;
    }

    @Override
    public TailFrame retain() {
        super.retain();
        return this;
    }

    @Override
    protected void deallocate() {
        bytes.release();
        memory.close();
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        bytes.touch(hint);
        return this;
    }
}
