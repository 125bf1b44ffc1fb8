package io.weir.query.delete;

import io.weir.common.auth.Principal;
import io.weir.common.model.DatabaseId;

/**
 * Rows to be deleted.
 *
 * @param caller who wants it, and may
 * @param database of whose measurement
 * @param measurement its name as sent
 * @param where condition on its columns, as sent
 * @param dryRun whether only to say what would be deleted
 * @param confirmation how many rows may go
 */
public record DeleteRequest(
        Principal caller,
        DatabaseId database,
        String measurement,
        String where,
        boolean dryRun,
        Confirmation confirmation) {}
