package io.weir.query.cursor;

import io.weir.query.engine.Query;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;

/**
 * A query whose result is read page by page.
 *
 * @param query the query
 * @param caller who asks, and alone may read on
 * @param format of each page
 * @param numbers how JSON shows numbers
 * @param pageRows rows of a page
 * @param wantedRows rows the caller wants at most, on all pages together
 * @param allowedRows rows the server allows at most
 */
public record PagedQuery(
        Query query,
        String caller,
        ResultFormat format,
        NumberForm numbers,
        int pageRows,
        long wantedRows,
        long allowedRows) {

    String organisation() {
        return query.database().organisation();
    }
}
