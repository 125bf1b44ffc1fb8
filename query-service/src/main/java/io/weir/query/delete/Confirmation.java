package io.weir.query.delete;

import io.weir.common.error.WeirException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many rows a caller has said may go. A number, not a word, so that it is asked again when there have become more.
 *
 * @param rows most rows; null when nothing was said
 */
public record Confirmation(@Nullable Long rows) {

    /**
     * Fails with {@code confirmation-needed} when more rows would go than may without a word, or than were said.
     *
     * @param going rows that would go
     * @param ofAll of how many; the share counts where it is not the whole on purpose
     * @param how what to send, where {@code #} is the number
     */
    void require(DeleteSettings settings, String what, long going, long ofAll, String how) {
        boolean large = going > settings.confirmRows() || (ofAll > 0 && going > settings.confirmShare() * ofAll);
        Long most = rows;
        if (!large || (most != null && going <= most)) {
            return;
        }
        String sent = most == null ? "" : ", more than the " + most + " that were confirmed";
        throw new WeirException(
                DeleteError.CONFIRMATION_NEEDED,
                what + " would take " + going + " rows" + (ofAll > 0 ? " of " + ofAll : "") + sent + " (expected: "
                        + how.replace("#", Long.toString(going)) + ", if that is meant)",
                Map.of("rows", going, "confirm", going));
    }
}
