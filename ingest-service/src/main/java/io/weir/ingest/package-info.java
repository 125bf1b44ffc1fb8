/**
 * The write side of Weir: from a request body to committed files. Start at {@link io.weir.ingest.IngestService}; requests
 * come in through {@code io.weir.ingest.edge}.
 */
@NullMarked
package io.weir.ingest;

import org.jspecify.annotations.NullMarked;
