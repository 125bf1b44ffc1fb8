/** Owns objects in S3 and stores that speak its protocol. Start at {@link io.weir.storage.s3.S3ObjectStore}. */
@NullMarked
package io.weir.storage.s3;

import org.jspecify.annotations.NullMarked;
