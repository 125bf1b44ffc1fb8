/** Practice of the query path before a server listens. */
@org.jspecify.annotations.NullMarked
package io.weir.query.warmup;
