package io.weir.ingest.idempotency;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.IngestError;
import io.weir.ingest.wal.WriteKey;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What requests and answers say of keys, in HTTP's words. */
public final class KeyHeader {

    /** Names the key of a request. */
    public static final String NAME = "Idempotency-Key";

    /** Says that an answer is that of an earlier request. */
    public static final String REPLAYED = "Idempotent-Replayed";

    private static final int MAX_LENGTH = 255;

    private KeyHeader() {}

    /**
     * The key of a request, or null when it has none.
     *
     * @param values of the header {@link #NAME}
     * @throws WeirException {@code invalid-request} when it is no key, or there are several
     */
    public static @Nullable String read(List<String> values) {
        if (values.isEmpty()) {
            return null;
        }
        String key = values.get(0);
        boolean printable = key.chars().allMatch(c -> c >= ' ' && c <= '~');
        if (values.size() > 1 || key.isBlank() || key.length() > MAX_LENGTH || !printable) {
            String found = values.size() > 1
                    ? values.size() + " of them"
                    : printable ? key.length() + " characters" : "characters that are not printable ASCII";
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    NAME + " has " + found + " (expected: one, of 1 to " + MAX_LENGTH + " printable ASCII characters)",
                    Map.of("header", NAME));
        }
        return key;
    }

    /** What tells two requests of one body apart: the same body means other rows on another route or with another precision. */
    public static String requestLine(URI uri) {
        String query = uri.getRawQuery();
        return query == null ? uri.getRawPath() : uri.getRawPath() + "?" + query;
    }

    /** The failure of a request, of that many bytes as sent, that has the key of another one. */
    public static WeirException reused(WriteKey first, long bodyBytes) {
        return new WeirException(
                IngestError.IDEMPOTENCY_KEY_REUSED,
                NAME + " was used for another request (its body had " + first.bodyBytes() + " bytes, this one has "
                        + bodyBytes + "; expected: a key of its own for each request); nothing was stored",
                Map.of("header", NAME));
    }
}
