package io.weir.common.http;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Map;
import org.springframework.web.reactive.function.server.ServerRequest;

/** How many things a request wants listed: its query parameter {@code limit}. */
public final class PageSize {

    private static final int MOST_DIGITS = 9;

    private PageSize() {}

    /**
     * The number that the request names.
     *
     * @param absent what it is when the request names none
     * @throws WeirException {@code invalid-request} when it is not 1 to {@code most}
     */
    public static int of(ServerRequest request, int absent, int most) {
        String text = request.queryParam("limit").orElse("");
        if (text.isEmpty()) {
            return absent;
        }
        boolean number = text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int limit = number ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > most) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    "limit is not a number of answers (expected: 1 to " + most + ")",
                    Map.of("parameter", "limit"));
        }
        return limit;
    }
}
