package io.weir.ingest.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Messages cut into pieces, since the server takes many elements ahead of its reader whatever their size. The next message
 * is made when the last piece of the one before was taken.
 */
final class Pieces implements Iterator<ByteBuf> {

    private static final int PIECE_BYTES = 16 << 10;

    private final Iterator<byte[]> messages;
    private byte[] message = {};
    private int taken;

    Pieces(Iterator<byte[]> messages) {
        this.messages = messages;
    }

    @Override
    public boolean hasNext() {
        return taken < message.length || messages.hasNext();
    }

    @Override
    public ByteBuf next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more pieces");
        }
        if (taken == message.length) {
            message = messages.next();
            taken = 0;
        }
        int count = Math.min(PIECE_BYTES, message.length - taken);
        ByteBuf piece = Unpooled.wrappedBuffer(message, taken, count);
        taken += count;
        return piece;
    }
}
