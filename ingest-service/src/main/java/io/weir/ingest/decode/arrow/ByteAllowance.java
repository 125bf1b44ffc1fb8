package io.weir.ingest.decode.arrow;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Map;

/** How many more bytes a stream may unfold to: bodies, inflated buffers, and text referred to more than once. */
final class ByteAllowance {

    private final long limit;
    private long spent;

    ByteAllowance(long limit) {
        this.limit = limit;
    }

    /** Counts {@code bytes}, before they are allocated or walked over. Fails with {@code body-too-large}. */
    void spend(long bytes) {
        if (bytes > limit - spent) {
            throw new WeirException(
                    CommonError.BODY_TOO_LARGE,
                    "the Arrow stream unfolds to more than " + limit + " bytes (weir.ingest.max-arrow)",
                    Map.of("limit_bytes", limit));
        }
        spent += bytes;
    }
}
