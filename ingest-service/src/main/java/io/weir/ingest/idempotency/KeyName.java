package io.weir.ingest.idempotency;

import io.weir.common.model.DatabaseId;

/** A key where it is unique: in one database of one organisation. */
record KeyName(DatabaseId database, String text) {}
