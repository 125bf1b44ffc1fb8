package io.weir.ingest.idempotency;

import io.weir.common.model.DatabaseId;

/**
 * Keys of pieces that nobody asks the catalog for any more.
 *
 * @param database where the pieces are
 * @param whole text of the whole's key
 * @param prefix what the texts of the pieces' keys begin with
 * @param beforeSequence pieces that the log had below that one
 */
public record OldPieces(DatabaseId database, String whole, String prefix, long beforeSequence) {}
