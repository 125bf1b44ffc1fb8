package io.weir.query.cursor;

import io.weir.common.auth.Principal;
import io.weir.query.engine.Query;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;

/**
 * A query whose result is read page by page.
 *
 * @param query the query, whose caller alone may read on
 * @param format of each page
 * @param numbers how JSON shows numbers
 * @param pageRows rows of a page
 * @param wantedRows rows the caller wants at most, on all pages together
 * @param allowedRows rows the server allows at most
 */
public record PagedQuery(
        Query query, ResultFormat format, NumberForm numbers, int pageRows, long wantedRows, long allowedRows) {

    /** Whether that caller is the one who asked: the one with the same token, or of the same name where no tokens are. */
    boolean isOf(Principal reader) {
        Principal caller = query.caller();
        return reader.organisation().equals(caller.organisation())
                && reader.tokenId().equals(caller.tokenId())
                && reader.name().equals(caller.name());
    }

    String organisation() {
        return query.organisation();
    }
}
