package io.weir.common.compress;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Where a codec puts what it inflates, where the limits are, and who hears of its memory. */
final class Output {

    private final ContentEncoding encoding;
    private final DecompressionLimits limits;
    private final LongConsumer memory;
    private @Nullable ByteSink sink;
    private long input;
    private long produced;
    private long charged;

    Output(ContentEncoding encoding, DecompressionLimits limits, LongConsumer memory) {
        this.encoding = encoding;
        this.limits = limits;
        this.memory = memory;
    }

    /** Charges for {@code delta} bytes about to be taken, or, negative, given back. */
    void charge(long delta) {
        memory.accept(delta);
        charged += delta;
    }

    /** Gives back all that is charged. */
    void chargeNothing() {
        charge(-charged);
    }

    /** Sends what follows to {@code target}. */
    void to(ByteSink target) {
        sink = target;
    }

    /** Counts bytes of input as arrived. */
    void arrived(int count) {
        input += count;
    }

    /** Bytes of input that arrived. */
    long input() {
        return input;
    }

    /** Bytes of output so far. */
    long produced() {
        return produced;
    }

    /** How many bytes to inflate next, at most {@code wanted}: up to one more than is allowed, to see whether it comes. */
    int room(int wanted) {
        return (int) Math.min(wanted, allowed() - produced + 1);
    }

    /**
     * Passes inflated bytes on.
     *
     * @throws WeirException {@code body-too-large} when they are more than is allowed; none of them is passed on then
     */
    void write(byte[] buffer, int offset, int length) {
        if (produced + length > allowed()) {
            throw tooLarge();
        }
        produced += length;
        if (sink != null && length > 0) {
            sink.accept(buffer, offset, length);
        }
    }

    /** The failure of input that cannot be read, at {@code unread} bytes before the end of what arrived. */
    WeirException corrupt(String what, int unread, @Nullable Throwable cause) {
        long offset = input - unread;
        return new WeirException(
                CommonError.INVALID_COMPRESSION,
                encoding.token() + " body is not valid at byte " + offset + ": " + what,
                Map.of("encoding", encoding.token(), "offset", offset),
                cause);
    }

    /** The failure of input that ends before its format says so. */
    WeirException truncated() {
        return corrupt("the body ends too early", 0, null);
    }

    /** The failure of output beyond the limits. */
    WeirException tooLarge() {
        boolean byRatio = allowed() < limits.maxOutputBytes();
        return new WeirException(
                CommonError.BODY_TOO_LARGE,
                encoding == ContentEncoding.IDENTITY
                        ? "body is larger than " + limits.maxOutputBytes() + " bytes"
                        : byRatio
                                ? encoding.token() + " body inflates more than " + limits.maxRatio() + " times"
                                : encoding.token() + " body inflates to more than " + limits.maxOutputBytes()
                                        + " bytes",
                Map.of("limit_bytes", limits.maxOutputBytes(), "encoding", encoding.token()));
    }

    private long allowed() {
        return encoding == ContentEncoding.IDENTITY
                ? limits.maxOutputBytes()
                : Math.min(limits.maxOutputBytes(), limits.freeBytes() + input * limits.maxRatio());
    }
}
