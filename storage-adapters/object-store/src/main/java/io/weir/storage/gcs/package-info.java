/** Owns objects in Google Cloud Storage, by its JSON API. Start at {@link io.weir.storage.gcs.GcsObjectStore}. */
@NullMarked
package io.weir.storage.gcs;

import org.jspecify.annotations.NullMarked;
